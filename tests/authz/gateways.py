# SPDX-License-Identifier: Apache-2.0
"""gateways.py - what other protocols reach: {method: was its caller refused} for each of them."""
import http.client
import json

from doors import NOBODY
from aicx_scene import wire


def post(broker, key, path, body, **headers):
    """(status, text) of one request; body None: a GET."""
    connection = http.client.HTTPConnection(broker.address, timeout=30)
    fields = {"Content-Type": "application/json", **headers}
    if key:
        fields["Authorization"] = f"Bearer {key}"
    connection.request("GET" if body is None else "POST", path,
                       None if body is None else wire.dump(body), fields)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def mcp(broker, key):
    """The tools of gateway_mcp."""
    tools = {
        "search_agents": ("discovery.search", {"query": "x"}),
        "accept_offer": ("negotiation.select_offer", {"offer_id": NOBODY}),
        "get_execution": ("execution.get_execution", {"execution_id": NOBODY}),
        "get_budget": ("economics.get_budget", {}),
        "verify_deal": ("deal.export", {"deal_id": NOBODY})}
    refused = {}
    for tool, (method, arguments) in tools.items():
        status, text = post(broker, key, "/mcp", {
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}},
            Accept="application/json, text/event-stream")
        refused[method] = status == 401 or f'method \\"{method}\\" needs' in text \
            or "unauthenticated" in text or "denied" in text
    return refused


def a2a(broker, key):
    """The tasks of gateway_a2a."""
    paths = {"deal.list": "/a2a/rest/tasks", "deal.get": f"/a2a/rest/tasks/{NOBODY}"}
    return {method: post(broker, key, path, None, **{"A2A-Version": "1.0"})[0] in (401, 403)
            for method, path in paths.items()}


def ard(broker, key):
    """The registry of gateway_ard."""
    status, _ = post(broker, key, "/ard/v1/search", {"query": {"text": "x"}})
    return {"discovery.search": status in (401, 403)}


GATEWAYS = {"mcp": mcp, "a2a": a2a, "ard": ard}
