# SPDX-License-Identifier: Apache-2.0
"""scene_a2a_sellers.py - an A2A agent of somebody, that knows nothing of us, is a seller.

The agent is Python's own HTTP server; what each skill does is one function.
"""
import contextlib
import http.server
import itertools
import json
import queue
import sys
import threading
import urllib.parse

from aicx_scene import Daemon, Key, Late, crypto, equal, eventually, main, scene, that, using, wire

CONF = '[gateway a2a "a2a"]\nagents_allow = 127.0.0.1\n'
TERMS = "https://aiconexus.example/ext/contract-terms/v1"
CARD = "/.well-known/agent-card.json"


def state(name, text=None):
    said = {"message": {"messageId": "s", "role": "ROLE_AGENT", "parts": [{"text": text}]}} if text else {}
    return {"state": f"TASK_STATE_{name}", **said}


class Agent:
    """`with Agent() as agent:`; .asked: methods and params; .skills: what each does."""

    def __init__(self, binding="JSONRPC", streams=False):
        self.asked, self.tasks, self.numbers = [], {}, itertools.count(1)
        self.card_headers, self.cards_read, self.raw = {}, 0, None
        self.let_go, self.half = threading.Event(), threading.Event()
        self.skills = {"echo": self.echo, "Slow Echo": self.slow, "fail": self.fail, "ask": self.ask,
                       "reject": self.reject, "say": self.say, "garbage": self.garbage, "huge": self.huge,
                       "sick": self.sick, "refuse": self.refuse}
        self.binding, self.streams, self.more = binding, streams, {}
        self.wants = None  # a bearer token
        self.sent = {}
        agent = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                agent.get(self)

            def do_POST(self):  # pylint: disable=invalid-name
                agent.post(self, json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}"))

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # whoever asked went away

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.let_go.set()
        self.half.set()
        self.server.shutdown()
        self.server.server_close()

    # What it is.

    def card(self):
        return {"name": "somebody", "description": "Echoes.", "version": "1.0.0",
                "supportedInterfaces": [{"url": self.origin + "/a2a", "protocolBinding": self.binding,
                                         "protocolVersion": "1.0"}],
                "capabilities": {"streaming": self.streams, "extensions": [
                    {"uri": TERMS, "description": "Prices", "params": {"currency": "AIC", "skills": {
                        "echo": {"pricing": {"model": "per_call", "base_cost": "0.003"}}}}}]},
                "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
                "skills": [{"id": name, "name": name, "description": f"{name}, as asked", "tags": ["test"]}
                           for name in self.skills], **self.more}

    # HTTP.

    @staticmethod
    def say_http(handler, status, body, kind="application/json", **fields):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **fields}.items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)

    def get(self, handler):
        if handler.path == CARD:
            self.cards_read += 1
            tag = f'"{hash(json.dumps(self.card()))}"'
            if handler.headers.get("If-None-Match") == tag:
                self.say_http(handler, 304, b"", ETag=tag, **self.card_headers)
            else:
                self.say_http(handler, 200, self.raw or self.card(), ETag=tag, **self.card_headers)
            return
        if "/tasks/" not in handler.path:
            self.say_http(handler, 404, {})
            return
        task = urllib.parse.unquote(handler.path.split("/tasks/")[1].split("?")[0])
        self.asked.append(("GetTask", {"id": task}))
        self.say_http(handler, 200, self.tasks[task])

    def post(self, handler, body):
        equal(handler.headers["A2A-Version"], "1.0")
        if self.wants and handler.headers["Authorization"] != f"Bearer {self.wants}":
            self.say_http(handler, 401, {})
            return
        end = handler.path.rpartition(":")[2]
        method = body.get("method") or {"send": "SendMessage", "stream": "SendStreamingMessage",
                                        "cancel": "CancelTask"}[end]
        given = body["params"] if self.binding == "JSONRPC" else body
        if self.binding != "JSONRPC" and method == "CancelTask":
            given = {"id": urllib.parse.unquote(handler.path.split("/tasks/")[1].rpartition(":")[0])}
        self.asked.append((method, given))
        wrap = (lambda result: {"jsonrpc": "2.0", "id": body["id"], "result": result}) \
            if self.binding == "JSONRPC" else (lambda result: result)
        if method == "GetTask":
            task = self.tasks.get(given["id"])
            self.say_http(handler, 200, wrap(task) if task else
                          {"jsonrpc": "2.0", "id": body["id"], "error": {"code": -32001, "message": "no task"}})
        elif method == "CancelTask":
            self.tasks[given["id"]]["status"] = state("CANCELED")
            self.say_http(handler, 200, wrap(self.tasks[given["id"]]))
        else:
            self.work(handler, method, given["message"], wrap)

    def work(self, handler, method, message, wrap):
        parts = message["parts"][0]
        said = parts.get("text", parts.get("data"))
        if "taskId" in message:
            answer = self.told(message["taskId"], said)
        else:  # the same message is the same task
            answer = self.sent.get(message["messageId"]) or self.skills[message["metadata"]["skill"]](said)
        if isinstance(answer, dict) and "status" in answer:
            self.sent[message["messageId"]] = answer
        if isinstance(answer, tuple):  # a status and a body of its own
            self.say_http(handler, *answer)
        elif method == "SendMessage":
            self.say_http(handler, 200, wrap({"message" if "parts" in answer else "task": answer}))
        else:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/event-stream")
            handler.end_headers()
            events = [{"message" if "parts" in answer else "task": answer}]
            for event in itertools.chain(events, self.updates(answer)):
                handler.wfile.write(f": tick\n\ndata: {json.dumps(wrap(event))}\n\n".encode())
                handler.wfile.flush()

    def updates(self, task):
        """What a stream tells of a task that is not over."""
        if task.get("status", {}).get("state") != "TASK_STATE_WORKING":
            return
        named = {"taskId": task["id"], "contextId": "c"}
        self.half.wait(30)
        yield {"statusUpdate": {**named, "status": state("WORKING", "half of it")}}
        self.let_go.wait(30)
        yield {"artifactUpdate": {**named, "artifact": task["result"][0], "lastChunk": True}}
        task.update(status=state("COMPLETED"), artifacts=task["result"])
        yield {"statusUpdate": {**named, "status": task["status"]}}

    # What it does.

    def task(self, status, **more):
        name = f"t/{next(self.numbers)}"
        self.tasks[name] = {"id": name, "contextId": "c", "status": status, **more}
        return self.tasks[name]

    @staticmethod
    def artifacts(said):
        return [{"artifactId": "a-1", "name": "echo", "parts": [{"text": said} if isinstance(said, str)
                                                                else {"data": said}]}]

    def echo(self, said):
        return self.task(state("COMPLETED"), artifacts=self.artifacts(said))

    def slow(self, said):
        task = self.task(state("WORKING"), result=self.artifacts(said))
        if not self.streams:
            def end():
                self.let_go.wait(30)
                task.update(status=state("COMPLETED"), artifacts=task["result"])
            threading.Thread(target=end, daemon=True).start()
        return task

    def fail(self, _):
        return self.task(state("FAILED", "it broke"))

    def ask(self, _):
        return self.task(state("INPUT_REQUIRED", "which one?"))

    def told(self, name, said):
        """The answer to what it asked."""
        self.tasks[name].update(status=state("COMPLETED"), artifacts=self.artifacts(said))
        return self.tasks[name]

    def reject(self, _):
        return self.task(state("REJECTED", "not for you"))

    @staticmethod
    def say(said):
        return {"messageId": "m", "role": "ROLE_AGENT", "parts": [{"text": f"said {said}"}]}

    @staticmethod
    def garbage(_):
        return 200, b"{broken"

    @staticmethod
    def huge(_):
        return 200, b"[" + b"1," * 3000000 + b"1]"

    def sick(self, said):
        """Well the second time."""
        self.skills["sick"] = self.echo
        return 503, {"said": said}

    @staticmethod
    def refuse(_):
        return 400, {"error": {"code": 400, "message": "not like this", "details": []}}


class Inbox:
    """`with Inbox() as inbox:`; .got: what was posted to .url."""

    def __init__(self):
        self.got = queue.Queue()
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                inbox.got.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def register(broker, agent, path=CARD, **more):
    return broker.operator.post("/v1/agents", {
        "endpoints": [{"kind": "a2a", "url": agent.origin + path}],
        "pricing": {"model": "per_call", "base_cost": wire.money("0.002 AIC")}, **more})


def market(conf=CONF, **more):
    """A broker, an agent that sells there, and a buyer of whatever it sells."""
    broker, agent = using(Daemon({"81-a2a.conf": conf})), using(Agent(**more))
    register(broker, agent).ok()
    buyer = broker.agent("buyer", funds="1.00 AIC")
    for name in agent.skills:
        buyer.mandate(name.lower().replace(" ", "-"), "0.01 AIC", "0.50 AIC", max_deals=50)
    return broker, agent, buyer


def later(function):
    """Runs it beside; join() gives what it returned."""
    answers = []

    def run():
        try:
            answers.append(function())
        except OSError:
            pass  # the broker was killed meanwhile
    thread = threading.Thread(target=run)
    thread.start()

    def join():
        thread.join(60)
        return answers[0] if answers else None
    return join


def methods(agent):
    return [method for method, _ in agent.asked]


@scene
def a_card_alone_makes_a_seller_and_its_artifacts_come_back_as_they_are():
    for binding in ("JSONRPC", "HTTP+JSON"):
        broker, agent, buyer = market(binding=binding)
        agent.let_go.set()
        deal = buyer.buy("echo", "hello", "0.01 AIC").ok()
        equal((deal["state"], deal["result"]), ("settled", {"artifacts": agent.artifacts("hello")}))
        equal(float(deal["price"]["amount"]), 0.003)  # the card's; of the others the registration's
        _, given = agent.asked[0]
        equal((given["message"]["messageId"], given["message"]["metadata"]),
              (deal["execution_id"], {"skill": "echo"}))
        deal = buyer.buy("slow-echo", {"n": 1.5}, "0.01 AIC").ok()
        equal(deal["result"], {"artifacts": agent.artifacts({"n": 1.5})})
        equal(float(deal["price"]["amount"]), 0.002)
        equal(buyer.buy("say", "this", "0.01 AIC").ok()["result"]["artifacts"][0]["parts"], [{"text": "said this"}])
        equal(agent.cards_read, 1)  # it is fresh for a minute


@scene
def aicx_registers_an_agent_by_its_origin():
    broker, agent = using(Daemon({"81-a2a.conf": CONF})), using(Agent())
    said = json.loads(broker.cli("-o", "json", "agent", "register", "--endpoint", "a2a", "--url", agent.origin,
                                 "--price", "0.005 AIC"))
    entry = broker.operator.get(f"/v1/agents/{said['agent_id']}").ok()
    equal((entry["name"], entry["endpoints"]), ("somebody", [{"kind": "a2a", "url": agent.origin}]))
    price = {one["remote"]: float(one["pricing"]["base_cost"]["amount"]) for one in entry["capabilities"]}
    equal((price["echo"], price["Slow Echo"]), (0.003, 0.005))


@scene
def an_agent_that_wants_a_credential_is_shown_it_and_nothing_else_has_it():
    broker, agent = using(Daemon({"81-a2a.conf": CONF})), using(Agent())
    agent.wants = "opensesame-" + wire.new_id()
    register = ["agent", "register", "--endpoint", "a2a", "--url", agent.origin, "--price", "0.002 AIC"]
    said = broker.cli("-o", "json", *register, "--bearer-file", "-", stdin=agent.wants + "\n")
    seller = broker.operator.get(f"/v1/agents/{json.loads(said)['agent_id']}").ok()
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("echo", "0.01 AIC", "0.50 AIC", max_deals=5)
    deal = buyer.buy("echo", "hello", "0.01 AIC").ok()
    equal((deal["result"], seller["passes"]), ({"artifacts": agent.artifacts("hello")}, True))
    broker.stop()
    kept = [path for path in broker.home.rglob("*") if path.is_file() and agent.wants.encode() in path.read_bytes()]
    equal((kept, agent.wants in broker.log(100000) + said + json.dumps(seller)), ([], False))
    broker.start()
    buyer.buy("echo", "again", "0.01 AIC").ok()
    agent.wants = "another"
    that("auth_required" in json.dumps(buyer.buy("echo", "x", "0.01 AIC").refused(502, "provider_failed")), "its word")


@scene
def what_is_no_success_costs_nothing():
    broker, agent, buyer = market()
    before = buyer.balance()
    for skill, words in (("fail", "agent_failed: it broke"), ("reject", "agent_rejected: not for you"),
                         ("ask", "input_required: which one?"), ("garbage", "invalid_agent_response"),
                         ("huge", "too_large"), ("refuse", "not like this")):
        refusal = buyer.buy(skill, "x", "0.01 AIC").refused(502, "provider_failed")
        that(words in json.dumps(refusal), f"{skill}: {refusal}")
    equal(buyer.balance(), before)
    # Who asks back is told that nobody answers; who was not well is asked again.
    eventually(lambda: "CancelTask" in methods(agent), "the task that asked back is cancelled")
    equal(buyer.buy("sick", "x", "0.01 AIC").ok()["result"], {"artifacts": agent.artifacts("x")})
    sent = [given["message"] for method, given in agent.asked if method == "SendMessage"]
    equal(len({one["messageId"] for one in sent if one["metadata"]["skill"] == "sick"}), 1)
    that(broker, "it lives")


def message(buyer, text, **more):
    """The task that it is about, or makes."""
    return buyer.rest.post("/a2a/rest/message:send", {
        "message": {"messageId": wire.new_id(), "role": "ROLE_USER", "parts": [{"text": text}], **more}},
                           headers={"A2A-Version": "1.0"}).ok()["task"]


def look(buyer, task):
    return buyer.rest.get(f"/a2a/rest/tasks/{task['id']}", headers={"A2A-Version": "1.0"}).ok()


def is_asked(task):
    return (task["status"]["state"], task["status"].get("message", {}).get("parts")) == \
        ("TASK_STATE_INPUT_REQUIRED", [{"text": "which one?"}])


@scene
def what_an_agent_asks_back_its_buyer_is_asked_and_the_answer_is_paid_once():
    for streams in (False, True):
        broker, agent, buyer = market(streams=streams)
        task = message(buyer, "hello", metadata={"skill": "ask"})
        that(is_asked(task), task)
        broker.kill()
        broker.start()  # the agent asks anew
        eventually(lambda b=buyer, t=task: is_asked(look(b, t)), "it still asks")
        task = message(buyer, "the red one", taskId=task["id"])
        equal((task["status"]["state"], task["artifacts"]), ("TASK_STATE_COMPLETED", agent.artifacts("the red one")))
        equal(len(agent.tasks), 1)
        equal(float(buyer.balance()["spent"]), 0.002)


@scene
def over_rest_a_buyer_that_answers_is_told_by_a_202():
    _, agent, buyer = market()
    told = buyer.buy("ask", "x", "0.01 AIC", answers=True)
    asked = told.ok()
    equal((told.status, asked["state"], asked["asks"]["message"]), (202, "working", "which one?"))
    answer = f"/v1/executions/{asked['execution_id']}/answer"
    deal = buyer.rest.post(answer, {"answer": {"colour": "red"}}).ok()
    equal((deal["state"], deal["result"]), ("settled", {"artifacts": agent.artifacts({"colour": "red"})}))
    buyer.rest.post(answer, {"answer": "twice"}).refused(409, "wrong_state")
    # A task that waits is cancelled there when its buyer gives up.
    task = message(buyer, "hello", metadata={"skill": "ask"})
    buyer.rest.post(f"/a2a/rest/tasks/{task['id']}:cancel", {}, headers={"A2A-Version": "1.0"}).ok()
    eventually(lambda: "CancelTask" in methods(agent), "the task is cancelled")
    equal(float(buyer.balance()["spent"]), 0.002)


@scene
def a_stream_tells_progress_and_the_task_has_the_result():
    for binding in ("JSONRPC", "HTTP+JSON"):
        _, agent, buyer = market(binding=binding, streams=True)
        deal_id = wire.new_id()
        bought = later(lambda b=buyer, d=deal_id: b.buy("slow-echo", "hello", "0.01 AIC", deal_id=d))
        eventually(lambda a=agent: a.tasks, "the agent works")
        told, said = buyer.rest.get(f"/v1/deals/{deal_id}/events").ok(), []
        agent.half.set()
        while not said:
            told = buyer.rest.get(f"/v1/deals/{deal_id}/events?wait_ms=10000&after={told['cursor']}").ok()
            said = [one["progress"] for one in told["events"] if "progress" in one]
        equal(said, [{"message": "half of it"}])
        agent.let_go.set()
        equal(bought().ok()["result"], {"artifacts": agent.artifacts("hello")})
        equal(methods(agent), ["SendStreamingMessage", "GetTask"])
        equal(buyer.buy("say", "this", "0.01 AIC").ok()["result"]["artifacts"][0]["parts"], [{"text": "said this"}])
        buyer.buy("fail", "x", "0.01 AIC").refused(502, "provider_failed")
        buyer.buy("garbage", "x", "0.01 AIC").refused(502, "provider_failed")


@scene
def a_buyer_who_cancels_and_one_who_waited_too_long_cancel_the_task():
    for streams in (False, True):
        _, agent, buyer = market(streams=streams)
        deal_id = wire.new_id()
        bought = later(lambda b=buyer, d=deal_id: b.buy("slow-echo", "a", "0.01 AIC", deal_id=d))
        eventually(lambda a=agent: a.tasks, "the agent works")
        buyer.rest.post(f"/v1/deals/{deal_id}/cancel", {}).ok()
        bought()
        eventually(lambda a=agent: methods(a).count("CancelTask") == 1, "the task is cancelled")
        for deadline_ms in (700, 5000, 20000):  # a slow agent may not have named its task
            buyer.buy("slow-echo", "b", "0.01 AIC", deadline_ms=deadline_ms).refused(504, "timeout")
            with contextlib.suppress(Late):
                eventually(lambda a=agent: methods(a).count("CancelTask") == 2, "it too", seconds=2)
                break
        equal(methods(agent).count("CancelTask"), 2)
        equal(float(buyer.balance()["spent"]), 0)


@scene
def after_a_crash_the_task_is_asked_about_and_paid_once():
    broker, agent, buyer = market()
    bought = later(lambda: buyer.buy("slow-echo", "hello", "0.01 AIC", key="once"))
    eventually(lambda: "GetTask" in methods(agent), "the task is asked about")
    broker.kill()
    bought()
    broker.start()
    agent.let_go.set()
    deal = buyer.buy("slow-echo", "hello", "0.01 AIC", key="once").ok()
    equal(deal["result"], {"artifacts": agent.artifacts("hello")})
    equal((methods(agent).count("SendMessage"), len(agent.tasks)), (1, 1))
    equal(float(buyer.balance()["spent"]), 0.002)


@scene
def events_are_posted_on_after_a_crash_without_being_asked_for():
    broker, agent, buyer = market(CONF + "push_allow = 127.0.0.1\n")
    inbox = using(Inbox())
    send = {"message": {"messageId": "m-1", "role": "ROLE_USER", "parts": [{"text": "hello"}],
                        "metadata": {"skill": "slow-echo"}},
            "configuration": {"returnImmediately": True, "taskPushNotificationConfig": {"url": inbox.url}}}
    task = buyer.rest.post("/a2a/rest/message:send", send, headers={"A2A-Version": "1.0"}).ok()["task"]
    eventually(lambda: "GetTask" in methods(agent), "the agent works")
    broker.kill()
    broker.start()
    agent.let_go.set()
    got = []
    while not got or got[-1].get("statusUpdate", {}).get("status", {}).get("state") != "TASK_STATE_COMPLETED":
        got.append(inbox.got.get(timeout=30))
    equal({one[name]["taskId"] for one in got for name in one}, {task["id"]})
    equal(got[-2]["artifactUpdate"]["artifact"], agent.artifacts("hello")[0])


@scene
def a_skill_that_is_gone_or_another_is_not_asked_nor_paid():
    broker, agent, buyer = market()
    agent.card_headers = {"Cache_Control": "max-age=0"}
    register(broker, agent, name="again").ok()  # looks anew, and is told to look each time
    buyer.buy("echo", "x", "0.01 AIC").ok()
    read = agent.cards_read
    agent.more["skills"] = [
        {**one, **({"inputModes": ["audio/wav"]} if one["id"] == "fail" else {"description": "in other words"})}
        for one in agent.card()["skills"] if one["id"] != "say"]
    before, asked = buyer.balance(), len(agent.asked)
    that("skill_gone" in json.dumps(buyer.buy("say", "x", "0.01 AIC").refused(502, "provider_failed")), "gone")
    that("skill_changed" in json.dumps(buyer.buy("fail", "x", "0.01 AIC").refused(502, "provider_failed")), "changed")
    equal((buyer.balance(), len(agent.asked)), (before, asked))
    buyer.buy("echo", "x", "0.01 AIC").ok()  # words for people may change
    that(agent.cards_read > read, "the card is asked for again")


def refused_card(broker, agent, words, **more):
    agent.more = more
    refusal = json.dumps(register(broker, agent).refused(502, "provider_failed"))
    that(words in refusal, f"{words}: {refusal}")


@scene
def a_card_that_is_none_registers_nobody():
    broker, agent = using(Daemon({"81-a2a.conf": CONF})), using(Agent())
    door = agent.card()["supportedInterfaces"][0]
    refused_card(broker, agent, "no name", name="")
    refused_card(broker, agent, "interface of version 1.0", supportedInterfaces=[{**door, "protocolVersion": "0.3"}])
    refused_card(broker, agent, "interface of version 1.0", supportedInterfaces=[{**door, "protocolBinding": "GRPC"}])
    refused_card(broker, agent, "interface of version 1.0", supportedInterfaces=[{**door, "url": "file:///etc/passwd"}])
    refused_card(broker, agent, "no skills", skills=[])
    refused_card(broker, agent, "more than 64", skills=[{"id": f"s{i}", "name": "s"} for i in range(65)])
    refused_card(broker, agent, "extension", capabilities={"extensions": [{"uri": "urn:x", "required": True}]})
    refused_card(broker, agent, "too large", description="x" * 300000)
    agent.raw = b"{broken"
    refused_card(broker, agent, "no JSON")
    agent.raw = None
    agent.more = {}
    refusal = register(broker, agent, "/elsewhere/").refused(502, "provider_failed")
    that(agent.cards_read > 0 and refusal, "a folder has its card at the well-known path")
    register(broker, agent, "").ok()


@scene
def a_card_that_points_into_the_operators_network_is_refused():
    broker, agent = using(Daemon({"81-a2a.conf": '[gateway a2a "a2a"]\n'})), using(Agent())
    refusal = json.dumps(register(broker, agent).refused(502, "provider_failed"))
    that("denied" in refusal and "127.0.0.1" in refusal, refusal)
    equal(agent.cards_read, 0)
    # The card may be read, but not the address in it asked.
    broker = using(Daemon({"81-a2a.conf": CONF}))
    agent.more = {"supportedInterfaces": [{**agent.card()["supportedInterfaces"][0], "url": "http://10.9.8.7/a2a"}]}
    refusal = json.dumps(register(broker, agent).refused(502, "provider_failed"))
    that("denied" in refusal and "10.9.8.7" in refusal, refusal)
    # Nor later: the agent is registered by what it says, and changes its card.
    agent.more = {}
    agent.card_headers = {"Cache_Control": "no-store"}
    register(broker, agent).ok()
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("echo", "0.01 AIC", "0.50 AIC", max_deals=5)
    before = buyer.balance()
    agent.more = {"supportedInterfaces": [{**agent.card()["supportedInterfaces"][0], "url": "http://10.9.8.7/a2a"}]}
    that("10.9.8.7" in json.dumps(buyer.buy("echo", "x", "0.01 AIC").refused(502, "provider_failed")), "by its name")
    equal(buyer.balance(), before)


def signed(card, key, kid="k1"):
    """The card with a JWS over its canonical form; its texts are ASCII, so Python's is that."""
    protected = crypto.b64(json.dumps({"alg": "EdDSA", "kid": kid}).encode())
    payload = crypto.b64(json.dumps(card, sort_keys=True, separators=(",", ":")).encode())
    return {**card, "signatures": [{"protected": protected,
                                    "signature": crypto.b64(key.sign_plain(f"{protected}.{payload}".encode()))}]}


@scene
def a_signed_card_is_checked_by_the_keys_that_the_operator_pinned():
    key, other = Key(), Key()
    agent = using(Agent())
    for must in ("yes", "no"):
        broker = using(Daemon({"81-a2a.conf": f"{CONF}card_keys = EdDSA:{crypto.b64(key.public)}:k1\ncards_signed = {must}\n"}))
        agent.more = signed(agent.card(), key)
        register(broker, agent).ok()
        agent.more = signed(agent.card(), other)
        refused_card(broker, agent, "signature does not hold", **agent.more)
        agent.more = {}
        agent.more = {**signed(agent.card(), key), "description": "Charges."}
        refused_card(broker, agent, "signature does not hold", **agent.more)
        agent.more = {}
        unknown = signed(agent.card(), other, kid="k2")
        if must == "yes":
            refused_card(broker, agent, "not signed", **unknown)
            refused_card(broker, agent, "not signed")
        else:
            agent.more = unknown
            register(broker, agent).ok()
        agent.more = {}


if __name__ == "__main__":
    sys.exit(main(__doc__))
