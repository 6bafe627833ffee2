# SPDX-License-Identifier: Apache-2.0
"""scene_mcp.py - an MCP client without our library finds, buys and proves; both eras of the protocol."""
import http.client
import json
import sys
import threading

from aicx_scene import Daemon, Deal, capability, equal, main, scene, that, using, wire

MODERN = "2026-07-28"
PREFIX = "example.aiconexus"
SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
          "$defs": {"text": {"type": "string", "minLength": 1}},
          "properties": {"text": {"$ref": "#/$defs/text"}, "times": {"type": "number", "maximum": 1e3}},
          "required": ["text"], "additionalProperties": False}
RESULT = {"type": "object", "properties": {"loud": {"type": "string"}}, "required": ["loud"]}


class Client:
    """One MCP client; version None: the handshake's era."""

    def __init__(self, broker, key, version=None):
        self.address, self.key, self.version, self.last = broker.address, key, version, 0
        self.events = []

    def post(self, body, headers=None):
        """(status, JSON or None) of a raw POST."""
        host = http.client.HTTPConnection(self.address, timeout=30)
        fields = {"Content-Type": "application/json",
                  "Accept": "application/json, text/event-stream"}
        if self.key:
            fields["Authorization"] = f"Bearer {self.key}"
        fields.update(headers or {})
        host.request("POST", "/mcp", body if isinstance(body, (str, bytes)) else json.dumps(body),
                     {name: value for name, value in fields.items() if value is not None})
        answer = host.getresponse()
        text = answer.read().decode()
        host.close()
        if answer.headers.get_content_type() == "text/event-stream":
            self.events = [json.loads(line[5:]) for line in text.splitlines()
                           if line.startswith("data:")]
            return answer.status, self.events[-1]
        return answer.status, json.loads(text) if text else None

    def ask(self, method, params=None, headers=None, meta=None):
        """(status, message) of a request as this era wants it."""
        self.last += 1
        params = dict(params or {})
        fields = {}
        if self.version:
            params["_meta"] = {"io.modelcontextprotocol/protocolVersion": self.version,
                               "io.modelcontextprotocol/clientCapabilities": {}}
            fields = {"MCP-Protocol-Version": self.version, "Mcp-Method": method}
            if "name" in params or "uri" in params:
                fields["Mcp-Name"] = params.get("name") or params["uri"]
        if meta:
            params.setdefault("_meta", {}).update(meta)
        fields.update(headers or {})
        return self.post({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params},
                         fields)

    def result(self, method, params=None, **more):
        status, message = self.ask(method, params, **more)
        equal((status, message.get("id")), (200, self.last), message)
        that("result" in message, f"a result: {message}")
        return message["result"]

    def tool(self, name, arguments=None, **more):
        return self.result("tools/call", {"name": name, "arguments": arguments or {}}, **more)

    def error(self, method, params=None, **more):
        """(status, code)"""
        status, message = self.ask(method, params, **more)
        that("error" in message, f"an error: {message}")
        return status, message["error"]["code"]


class Market:
    """A broker with a shouting seller and a buyer with a mandate for all it sells."""

    def __init__(self, price="0.002 AIC", **conf):
        self.broker = using(Daemon(conf=conf))
        self.seller = self.broker.seller("shouter", "text.shout", price)
        self.seller.rest.put(f"/v1/agents/{self.seller.id}/capabilities/text.shout", {
            **capability("text.shout", price), "input_schema": SCHEMA, "output_schema": RESULT,
            "description": "Says it louder."}).ok()
        self.seller.work = lambda execute: {"loud": execute["input"]["text"].upper()}
        self.buyer = self.broker.agent("buyer", funds="1.00 AIC")
        self.buyer.mandate("text.*", "0.01 AIC", "0.10 AIC", max_deals=100)

    def client(self, version=None):
        return Client(self.broker, self.buyer.api_key, version)

    def verify(self, file):
        """The deal file is good under the key of this broker."""
        path, key = self.broker.home / "deal.json", self.broker.home / "key"
        path.write_text(file)
        key.write_text(self.broker.public_key() + "\n")
        that("good" in self.broker.cli("verify", "--trust", str(key), str(path)), "the deal is good")


def bought(market, client):
    """Buys by the capability's own tool; gives the deal's id."""
    tools = {tool["name"]: tool for tool in client.result("tools/list")["tools"]}
    that({"search_agents", "get_agent", "request_offers", "accept_offer", "execute",
          "get_execution", "get_budget", "verify_deal", "text.shout"} <= set(tools), tools.keys())
    tool = tools["text.shout"]
    equal((tool["inputSchema"], tool["outputSchema"]), (SCHEMA, RESULT))
    equal(list(tool["inputSchema"]), list(SCHEMA), "members keep their order")
    that("0.002" in tool["description"] and "Says it louder." in tool["description"], tool)
    pricing = tool["_meta"][f"{PREFIX}/pricing"]
    equal((pricing["model"], float(pricing["base_cost"]), pricing["currency"]),
          ("per_call", 0.002, "AIC"))
    result = client.tool("text.shout", {"text": "hello"})
    equal(result["structuredContent"], {"loud": "HELLO"})
    equal(json.loads(result["content"][0]["text"]), {"loud": "HELLO"})
    that(not result.get("isError"), result)
    said = result["_meta"][f"{PREFIX}/execution"]
    equal((float(said["cost"]), said["currency"]), (0.002, "AIC"))
    file = market.buyer.rest.get(f"/v1/deals/{said['deal_id']}/file").ok_text()
    that(Deal(file).chained(), "the records of the deal follow each other")
    market.verify(file)
    return said


@scene
def a_client_of_the_handshake_buys_from_a_seller():
    market = Market()
    client = market.client()
    hello = client.result("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                         "clientInfo": {"name": "scene", "version": "1"}})
    equal((hello["protocolVersion"], hello["serverInfo"]["name"]), ("2025-06-18", "aiconexus"))
    equal(client.post({"jsonrpc": "2.0", "method": "notifications/initialized"}), (202, None))
    equal(client.result("ping"), {})
    bought(market, client)
    equal(client.error("nonsense"), (200, -32601))
    equal(client.error("server/discover"), (200, -32601))
    equal(client.error("tools/call", {"name": "no.such"}), (200, -32602))
    equal(client.error("resources/read", {"uri": "aiconexus://nothing"}), (200, -32002))


@scene
def a_client_without_handshake_buys_from_a_seller():
    market = Market()
    client = market.client(MODERN)
    hello = client.result("server/discover")
    equal((hello["resultType"], hello["supportedVersions"][0]), ("complete", MODERN))
    said = bought(market, client)
    equal(client.error("initialize"), (404, -32601))
    equal(client.error("tools/call", {"name": "no.such"}), (400, -32602))
    equal(client.error("resources/read", {"uri": "aiconexus://nothing"}), (400, -32602))
    agents = client.result("resources/read", {"uri": "aiconexus://agents"})
    that(market.seller.id in agents["contents"][0]["text"], agents)
    equal(agents["cacheScope"], "private")
    work = client.tool("get_execution", {"execution_id": said["execution_id"]})
    equal(work["structuredContent"]["state"], "COMPLETED")


@scene
def step_by_step_with_the_tools_of_the_broker():
    market = Market()
    client = market.client()
    found = client.tool("search_agents", {"query": "shout", "filters": {"limit": 5}})
    equal(found["structuredContent"]["agents"][0]["agent_id"], market.seller.id)
    equal(client.tool("get_agent", {"agent_id": market.seller.id})["structuredContent"]["name"],
          "shouter")
    offers = client.tool("request_offers", {"capability": "text.shout", "budget": "0.01 AIC"})
    offer = offers["structuredContent"]["offers"][0]["offer_id"]
    contract = client.tool("accept_offer", {"offer_id": offer})["structuredContent"]
    equal(contract["status"], "signed")
    done = client.tool("execute", {"contract_id": contract["contract_id"],
                                   "parameters": {"text": "step"}})["structuredContent"]
    equal(done["result"], {"loud": "STEP"})
    direct = client.tool("execute", {"capability": "text.shout", "parameters": {"text": "now"}})
    equal(direct["structuredContent"]["loud"], "NOW")
    deal = client.tool("verify_deal", {"deal_id": done["deal_id"]})
    equal(deal["content"][1]["resource"]["mimeType"], "application/json")
    market.verify(deal["content"][1]["resource"]["text"])
    equal(float(client.tool("get_budget")["structuredContent"]["spent"]), 0.004)
    equal(client.tool("get_agent")["isError"], True)
    equal(client.tool("execute")["isError"], True)
    equal(client.tool("verify_deal", {"deal_id": wire.new_id()})["isError"], True)


@scene
def a_repeated_call_with_a_key_is_charged_once():
    market = Market()
    client = market.client()
    once = {f"{PREFIX}/idempotency_key": "letter-7"}
    first = client.tool("text.shout", {"text": "a"}, meta=once)
    equal(client.tool("text.shout", {"text": "a"}, meta=once)["_meta"], first["_meta"])
    equal(float(market.buyer.balance()["spent"]), 0.002)
    that("conflict" in client.tool("text.shout", {"text": "b"}, meta=once)["content"][0]["text"],
         "another call with the same key")
    equal(float(market.buyer.balance()["spent"]), 0.002)


@scene
def progress_comes_before_the_result_in_both_eras():
    market = Market()

    def slowly(execute):
        for part in (1, 2):
            market.seller.rest.post(f"/v1/executions/{execute['execution_id']}/progress",
                                    {"progress": part, "total": 2, "message": "still"}).ok()
        return {"loud": "DONE"}
    market.seller.work = slowly
    for version in (None, MODERN):
        client = market.client(version)
        result = client.tool("text.shout", {"text": "a"}, meta={"progressToken": "t-1"})
        equal(result["structuredContent"], {"loud": "DONE"})
        told = [event["params"] for event in client.events[:-1]]
        equal([(one["progressToken"], one["progress"], one["total"]) for one in told],
              [("t-1", 1, 2), ("t-1", 2, 2)])


@scene
def a_call_that_is_cancelled_is_not_paid():
    market = Market()
    begun, go_on = threading.Event(), threading.Event()

    def stuck(_):
        begun.set()
        go_on.wait(20)
        return {"loud": "LATE"}
    market.seller.work = stuck
    client = market.client()
    waiting = threading.Thread(target=client.ask, args=("tools/call", {
        "name": "text.shout", "arguments": {"text": "a"}}))
    waiting.start()
    that(begun.wait(20), "the work begins")
    equal(client.post({"jsonrpc": "2.0", "method": "notifications/cancelled",
                       "params": {"requestId": 1}}), (202, None))
    waiting.join(20)
    that(not waiting.is_alive(), "the request has ended")
    go_on.set()
    balance = market.buyer.balance()
    equal((float(balance["spent"]), float(balance["reserved"])), (0, 0))


@scene
def whoever_may_not_is_told_in_the_words_of_the_protocol():
    market = Market()
    client = market.client()
    nobody, wrong = Client(market.broker, None), Client(market.broker, "aicx_" + "A" * 43)
    equal(nobody.ask("tools/list")[0], 401)
    equal(wrong.ask("tools/list")[0], 401)
    equal(wrong.ask("initialize", {"protocolVersion": "2025-11-25"})[0], 401)
    equal(client.ask("ping", headers={"Host": "evil.example"})[0], 403)
    equal(client.ask("ping", headers={"Origin": "http://evil.example"})[0], 403)
    equal(client.ask("ping", headers={"Origin": "http://localhost:1"})[0], 200)
    equal(client.ask("ping", headers={"Content-Type": "text/plain"})[0], 415)
    equal(client.post("{")[1]["error"]["code"], -32700)
    equal(client.post("[]")[1]["error"]["code"], -32600)
    poor = market.broker.agent("poor")
    poor.mandate("text.*", "0.01 AIC", "0.10 AIC", max_deals=9)
    result = Client(market.broker, poor.api_key).tool("text.shout", {"text": "x"})
    equal(result["isError"], True)
    that("insufficient_funds" in result["content"][0]["text"], result)
    that("structuredContent" not in result, "the tool has a schema of its own")
    stranger = market.broker.agent("stranger", funds="1 AIC")
    result = Client(market.broker, stranger.api_key).tool("text.shout", {"text": "x"})
    that(result["isError"] and "no_mandate" in result["content"][0]["text"], result)


@scene
def two_sellers_of_one_name_have_two_tools():
    market = Market()
    other = market.broker.seller("whisperer", "text.shout", "0.001 AIC")
    other.work = lambda execute: "psst"
    client = market.client()
    names = [tool["name"] for tool in client.result("tools/list")["tools"]]
    that("text.shout" in names and f"text.shout.{other.id}" in names, names)
    result = client.tool(f"text.shout.{other.id}", {"input": "x"})
    equal(result["content"], [{"type": "text", "text": "psst"}])
    equal(client.tool("text.shout", {"text": "x"})["structuredContent"], {"loud": "X"})


class Listener:
    """A stream of 2026-07-28 that tells of changes; next() is one message."""

    def __init__(self, client, **notifications):
        self.host = http.client.HTTPConnection(client.address, timeout=30)
        meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
        self.host.request("POST", "/mcp", json.dumps({
            "jsonrpc": "2.0", "id": "ear", "method": "subscriptions/listen",
            "params": {"_meta": meta, "notifications": notifications}}),
            {"Content-Type": "application/json", "Authorization": f"Bearer {client.key}",
             "MCP-Protocol-Version": MODERN, "Mcp-Method": "subscriptions/listen"})
        self.answer = self.host.getresponse()
        equal((self.answer.status, self.answer.headers.get_content_type()), (200, "text/event-stream"))

    def next(self):
        while True:
            line = self.answer.readline().decode()
            that(line, "the stream goes on")
            if line.startswith("data:"):
                return json.loads(line[5:])


@scene
def who_listens_is_told_when_capabilities_come_and_go():
    market = Market()
    client = market.client(MODERN)
    equal(client.result("server/discover")["capabilities"]["tools"], {"listChanged": True})
    mine = {"_meta": {"io.modelcontextprotocol/subscriptionId": "ear"}}
    ear = Listener(client, toolsListChanged=True, resourceSubscriptions=["aiconexus://agents", "file:///x"])
    equal(ear.next()["params"], {**mine, "notifications": {
        "toolsListChanged": True, "resourceSubscriptions": ["aiconexus://agents"]}})
    whisperer = market.broker.seller("whisperer", "text.whisper", "0.001 AIC")
    equal(ear.next(), {"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": mine})
    equal(ear.next()["params"], {**mine, "uri": "aiconexus://agents"})
    that("text.whisper" in {tool["name"] for tool in client.result("tools/list")["tools"]}, "it is there")
    market.broker.operator.delete(f"/v1/agents/{whisperer.id}").ok()
    said = ear.next()
    while said["method"] != "notifications/tools/list_changed" or \
            "text.whisper" in {tool["name"] for tool in client.result("tools/list")["tools"]}:
        said = ear.next()  # its coming may have been told in two
    market.broker.process.terminate()
    while "result" not in said:
        said = ear.next()
    equal((said["id"], said["result"]["resultType"]), ("ear", "complete"))
    market.broker.wait()
    market.broker.start()


if __name__ == "__main__":
    sys.exit(main(__doc__))
