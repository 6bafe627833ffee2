# SPDX-License-Identifier: Apache-2.0
"""scene_a2a.py - an A2A client that knows nothing of us buys, over both bindings."""
import http.server
import json
import queue
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from aicx_scene import Daemon, Deal, Declined, equal, main, place, scene, that, using

TERMS = "https://aiconexus.example/ext/contract-terms/v1"


class Client:
    """What any A2A client does: one request, one answer."""

    def __init__(self, broker, key, agent=None):
        self.base = f"http://{broker.address}/a2a" + (f"/agents/{agent}" if agent else "")
        self.key, self.extensions, self.n = key, None, 0

    def http(self, verb, url, body=None, **fields):
        """(status, headers, JSON or text)"""
        headers = {"A2A-Version": "1.0", "Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if self.extensions:
            headers["A2A-Extensions"] = self.extensions
        headers.update({name.replace("_", "-"): value for name, value in fields.items()})
        headers = {name: value for name, value in headers.items() if value is not None}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, got, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, got, text = error.code, error.headers, error.read()
        try:
            return status, got, json.loads(text)
        except ValueError:
            return status, got, text.decode()

    def rpc(self, method, **params):
        self.n += 1
        status, _, body = self.http("POST", self.base + "/jsonrpc",
                                    {"jsonrpc": "2.0", "id": self.n, "method": method, "params": params})
        equal((status, body["id"]), (200, self.n), body)
        return body

    def rest(self, verb, path, body=None, **fields):
        return self.http(verb, self.base + "/rest" + path, body, **fields)


    def events(self, path, body=None, verb="POST"):
        """The events of a stream over HTTP+JSON, until it ends."""
        headers = {"A2A-Version": "1.0", "Authorization": f"Bearer {self.key}",
                   "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + "/rest" + path,
                                         body and json.dumps(body).encode(), headers, method=verb)
        with urllib.request.urlopen(request, timeout=20) as answer:
            equal(answer.headers["Content-Type"], "text/event-stream")
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


def message(message_id, skill=None, text="hello", **more):
    return {"messageId": message_id, "role": "ROLE_USER", "parts": [{"text": text}],
            **({"metadata": {"skill": skill}} if skill else {}), **more}


def shop(conf=None):
    """A broker with a seller that shouts and a buyer with a mandate."""
    broker = using(Daemon(conf))
    seller = broker.seller("shouter", "text.shout", "0.001 AIC")
    seller.work = lambda execute: execute["input"]["text"].upper()
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("text.shout", "0.01 AIC", "1.00 AIC", max_deals=50)
    return broker, seller, buyer


def trust(broker):
    """A file that vouches for the broker's key."""
    path = broker.home / "key"
    path.write_text(broker.rest().get("/.well-known/aiconexus").ok()["public_key"] + "\n")
    return path


def text_of(task):
    return task["artifacts"][0]["parts"][0]["text"]


def code_of(body):
    return body["error"]["code"], [d.get("reason") for d in body["error"]["data"]]


@scene
def a_plain_client_buys_over_both_bindings_and_the_deal_file_verifies():
    broker, seller, buyer = shop()
    client = Client(broker, buyer.api_key)

    task = client.rpc("SendMessage", message=message("m-1", "text.shout"))["result"]["task"]
    equal((task["status"]["state"], text_of(task)), ("TASK_STATE_COMPLETED", "HELLO"))
    equal(task["history"][0]["messageId"], "m-1")

    # The same message again: the same task, no second charge; over the other binding too.
    status, _, again = client.rest("POST", "/message:send", {"message": message("m-1", "text.shout")})
    equal((status, again["task"]["id"]), (200, task["id"]))
    equal(float(buyer.balance()["spent"]), 0.001)
    equal(float(seller.balance()["earned"]), 0.001)
    equal(code_of(client.rpc("SendMessage", message=message("m-1", "text.shout", "other")))[0], -32602)

    status, _, got = client.rest("GET", f"/tasks/{task['id']}?historyLength=0")
    equal((status, got["contextId"], "history" in got), (200, task["contextId"], False))
    equal(client.rpc("GetTask", id=task["id"])["result"], task)

    held = Deal(buyer.rest.get(f"/v1/deals/{task['id']}/file").ok_text())
    that(held.chained(), "the records of the deal follow each other")
    path = broker.home / "deal.json"
    path.write_text(buyer.rest.get(f"/v1/deals/{task['id']}/file").ok_text())
    done = subprocess.run([place.AICX, "verify", path, "--trust", trust(broker)], capture_output=True,
                          text=True, check=False)
    equal(done.returncode, 0, done.stdout + done.stderr)


@scene
def tasks_are_listed_in_pages_to_their_buyer_alone():
    broker, _, buyer = shop()
    client = Client(broker, buyer.api_key)
    ids = [client.rpc("SendMessage", message=message(f"m-{i}", "text.shout"))["result"]["task"]["id"]
           for i in range(5)]
    client.rpc("SendMessage", message=message("odd", "no.such.skill"))
    seen, token = [], ""
    while True:
        page = client.rpc("ListTasks", pageSize=2, pageToken=token)["result"]
        equal((page["totalSize"], page["pageSize"]), (6, 2))
        seen += [task["id"] for task in page["tasks"]]
        token = page["nextPageToken"]
        if not token:
            break
    equal(sorted(seen[1:]), sorted(ids))
    equal(len(client.rpc("ListTasks", status="TASK_STATE_REJECTED")["result"]["tasks"]), 1)
    that("artifacts" not in page["tasks"][0], "artifacts come only when asked for")
    that(client.rpc("ListTasks", includeArtifacts=True)["result"]["tasks"][1]["artifacts"], "then they do")
    status, _, body = client.rest("GET", "/tasks?pageSize=101")
    equal((status, body["error"]["status"]), (400, "INVALID_ARGUMENT"))

    other = Client(broker, broker.agent("other").api_key)
    equal(other.rpc("ListTasks")["result"]["tasks"], [])
    equal(code_of(other.rpc("GetTask", id=ids[0])), (-32001, ["TASK_NOT_FOUND"]))


@scene
def a_failing_skill_is_a_failed_task_and_no_mandate_a_rejected_one():
    broker, seller, buyer = shop()
    client = Client(broker, buyer.api_key)

    def work(_):
        raise Declined("no", "I cannot")
    seller.work = work
    before = buyer.balance()
    task = client.rpc("SendMessage", message=message("m-1", "text.shout"))["result"]["task"]
    equal(task["status"]["state"], "TASK_STATE_FAILED")
    equal(buyer.balance()["spent"], before["spent"])
    poor = Client(broker, broker.agent("poor").api_key)
    task = poor.rpc("SendMessage", message=message("m-1", "text.shout"))["result"]["task"]
    equal(task["status"]["state"], "TASK_STATE_REJECTED")
    equal(poor.rpc("GetTask", id=task["id"])["result"]["status"]["state"], "TASK_STATE_REJECTED")
    equal(code_of(poor.rpc("CancelTask", id=task["id"])), (-32002, ["TASK_NOT_CANCELABLE"]))


@scene
def a_task_is_cancelled_and_survives_a_crash():
    broker, seller, buyer = shop()
    client = Client(broker, buyer.api_key)
    go = threading.Event()

    def work(execute):
        go.wait(20)
        return execute["input"]["text"].upper()
    seller.work = work
    send = {"message": message("m-1", "text.shout"), "configuration": {"returnImmediately": True}}
    task = client.rpc("SendMessage", **send)["result"]["task"]
    that(task["status"]["state"] in ("TASK_STATE_SUBMITTED", "TASK_STATE_WORKING"), task)
    while client.rpc("GetTask", id=task["id"])["result"]["status"]["state"] != "TASK_STATE_WORKING":
        pass
    status, _, body = client.rest("POST", f"/tasks/{task['id']}:cancel")
    equal((status, body["status"]["state"]), (200, "TASK_STATE_CANCELED"))
    equal(client.rpc("CancelTask", id=task["id"])["result"]["status"]["state"], "TASK_STATE_CANCELED")
    equal(float(buyer.balance()["spent"]), 0)
    equal(float(buyer.balance()["reserved"]), 0)
    go.set()
    broker.restart()
    equal(client.rpc("GetTask", id=task["id"])["result"]["status"]["state"], "TASK_STATE_CANCELED")


@scene
def streams_tell_a_task_from_its_beginning_to_its_end_to_all_who_follow():
    broker, seller, buyer = shop()
    client = Client(broker, buyer.api_key)
    go = threading.Event()

    def work(execute):
        go.wait(20)
        return execute["input"]["text"].upper()
    seller.work = work
    stream = client.events("/message:stream", {"message": message("m-1", "text.shout")})
    first = next(stream)["task"]
    equal(first["status"]["state"], "TASK_STATE_SUBMITTED")
    equal(next(stream)["statusUpdate"]["status"]["state"], "TASK_STATE_WORKING")
    other = client.events(f"/tasks/{first['id']}:subscribe", verb="GET")
    equal(next(other)["task"]["status"]["state"], "TASK_STATE_WORKING")
    go.set()
    rest = list(stream)
    equal(list(other), rest)
    equal(rest[-2]["artifactUpdate"]["artifact"]["parts"], [{"text": "HELLO"}])
    equal(rest[-1]["statusUpdate"]["status"]["state"], "TASK_STATE_COMPLETED")
    equal(code_of(client.rpc("SubscribeToTask", id=first["id"])), (-32004, ["UNSUPPORTED_OPERATION"]))
    poor = Client(broker, broker.agent("poor").api_key)
    equal([event["task"]["status"]["state"] for event in
           poor.events("/message:stream", {"message": message("m-1", "text.shout")})],
          ["TASK_STATE_REJECTED"])
    equal(float(buyer.balance()["spent"]), 0.001)


class Inbox(http.server.BaseHTTPRequestHandler):
    """Takes what is posted; the first time it is busy."""

    def do_POST(self):  # pylint: disable=invalid-name
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.tries += 1
        busy = self.server.tries == 1
        self.send_response(503 if busy else 204)
        self.end_headers()
        if not busy:
            self.server.got.put((self.headers, body))

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


@scene
def events_are_posted_in_order_and_never_into_the_operators_network():
    broker, seller, buyer = shop({"81-a2a.conf": '[gateway a2a "a2a"]\npush_allow = 127.0.0.1\n'})
    client = Client(broker, buyer.api_key)
    inbox = http.server.HTTPServer(("127.0.0.1", 0), Inbox)
    inbox.got, inbox.tries = queue.Queue(), 0
    threading.Thread(target=inbox.serve_forever, daemon=True).start()
    hook = {"url": f"http://127.0.0.1:{inbox.server_port}/x", "token": "t-1",
            "authentication": {"scheme": "Bearer", "credentials": "secret"}}
    go = threading.Event()

    def work(execute):
        go.wait(20)
        return execute["input"]["text"].upper()
    seller.work = work
    send = {"message": message("m-1", "text.shout"),
            "configuration": {"returnImmediately": True, "taskPushNotificationConfig": hook}}
    task = client.rpc("SendMessage", **send)["result"]["task"]["id"]
    configs = client.rpc("ListTaskPushNotificationConfigs", taskId=task)["result"]["configs"]
    equal([config["url"] for config in configs], [hook["url"]])
    status, _, one = client.rest("GET", f"/tasks/{task}/pushNotificationConfigs/{configs[0]['id']}")
    equal((status, one["token"]), (200, "t-1"))
    go.set()
    got = []
    while not got or "statusUpdate" not in got[-1] or \
            got[-1]["statusUpdate"]["status"]["state"] != "TASK_STATE_COMPLETED":
        fields, body = inbox.got.get(timeout=20)
        equal((fields["Authorization"], fields["X-A2A-Notification-Token"], fields["Content-Type"]),
              ("Bearer secret", "t-1", "application/a2a+json"))
        got.append(body)
    equal(got[-2]["artifactUpdate"]["artifact"]["parts"], [{"text": "HELLO"}])
    equal(client.rest("DELETE", f"/tasks/{task}/pushNotificationConfigs/{one['id']}")[0], 204)
    equal(client.rest("GET", f"/tasks/{task}/pushNotificationConfigs")[2], {"configs": []})
    that("secret" not in broker.log(10000), "no secret in the log")
    equal(code_of(client.rpc("CreateTaskPushNotificationConfig", taskId=task, url="file:///x"))[0], -32602)
    inbox.shutdown()

    # Not allowed: nothing is asked, and the config is gone.
    broker, seller, buyer = shop()
    client = Client(broker, buyer.api_key)
    tries = inbox.tries
    send["message"] = message("m-2", "text.shout")
    send["configuration"]["returnImmediately"] = False
    task = client.rpc("SendMessage", **send)["result"]["task"]["id"]
    while client.rpc("ListTaskPushNotificationConfigs", taskId=task)["result"]["configs"]:
        pass
    equal(inbox.tries, tries)


@scene
def offers_are_shown_one_is_accepted_and_the_receipt_comes_back():
    broker, _, buyer = shop()
    client = Client(broker, buyer.api_key)
    client.extensions = TERMS + ", https://example.org/unknown"
    wish = message("m-1", "text.shout")
    wish["metadata"][TERMS] = {"budget": {"max": "0.01", "currency": "AIC"}}
    task = client.rpc("SendMessage", message=wish)["result"]["task"]
    equal(task["status"]["state"], "TASK_STATE_INPUT_REQUIRED")
    terms = task["status"]["message"]["metadata"][TERMS]
    equal((terms["status"], len(terms["offers"])), ("offer", 1))
    equal(client.rpc("SendMessage", message=wish)["result"]["task"]["id"], task["id"])
    accept = message("m-2", text="yes", taskId=task["id"],
                     metadata={TERMS: {"accept": terms["offers"][0]["offer_id"]}})
    status, headers, done = client.rest("POST", "/message:send", {"message": accept})
    equal((status, headers["A2A-Extensions"]), (200, TERMS), done)
    done = done["task"]
    equal((done["status"]["state"], text_of(done)), ("TASK_STATE_COMPLETED", "HELLO"))
    paid = done["metadata"][TERMS]
    equal((float(paid["cost_actual"]["amount"]), paid["receipt"]["kind"]), (0.001, "receipt"))
    equal([m["messageId"] for m in done["history"]], ["m-1", "m-2"])
    equal(code_of(client.rpc("SendMessage", message=message("m-3", taskId=task["id"]))),
          (-32004, ["UNSUPPORTED_OPERATION"]))
    equal(float(buyer.balance()["spent"]), 0.001)


@scene
def work_is_ordered_under_a_contract_that_is_there():
    broker, _, buyer = shop()
    client = Client(broker, buyer.api_key)
    client.extensions = TERMS
    intent = buyer.rest.post("/v1/intents", {"need": "text.shout", "input": {"text": "early"},
                                              "max_price": {"amount": "0.01", "currency": "AIC"}}).ok()
    offers = buyer.rest.get(f"/v1/intents/{intent['intent_id']}/offers?timeout_ms=20000").ok()["offers"]
    contract = buyer.rest.post(f"/v1/offers/{offers[0]['offer_id']}/select", {"by_mandate": True}).ok()
    equal(contract["status"], "signed")
    order = message("m-1", text="hello", metadata={TERMS: {"contract_id": contract["contract_id"]}})
    done = client.rpc("SendMessage", message=order)["result"]["task"]
    equal((done["id"], done["status"]["state"], text_of(done)),
          (contract["deal_id"], "TASK_STATE_COMPLETED", "HELLO"))
    equal(done["metadata"][TERMS]["contract_id"], contract["contract_id"])
    equal(client.rpc("SendMessage", message=order)["result"]["task"]["id"], done["id"])
    equal(client.rpc("GetTask", id=done["id"])["result"]["status"]["state"], "TASK_STATE_COMPLETED")
    equal(code_of(client.rpc("SendMessage", message={**order, "messageId": "m-2"})),
          (-32004, ["UNSUPPORTED_OPERATION"]))
    equal(float(buyer.balance()["spent"]), 0.001)
    # Of somebody else's contract nobody learns anything.
    poor = Client(broker, broker.agent("poor").api_key)
    poor.extensions = TERMS
    equal(code_of(poor.rpc("SendMessage", message=order))[0], -32602)
    equal(code_of(poor.rpc("GetTask", id=done["id"]))[0], -32001)


@scene
def a_tenant_is_an_agent_and_the_extended_card_needs_a_credential():
    broker, seller, buyer = shop()
    client = Client(broker, buyer.api_key)
    done = client.rpc("SendMessage", tenant=seller.id, message=message("m-1"))["result"]["task"]
    equal(text_of(done), "HELLO")
    status, _, same = client.rest("POST", f"/{seller.id}/message:send", {"message": message("m-2")})
    equal((status, text_of(same["task"])), (200, "HELLO"))
    equal(client.rest("GET", f"/{seller.id}/tasks/{done['id']}")[0], 200)
    equal(client.rest("GET", f"/{buyer.id}/tasks/{done['id']}")[0], 404)
    equal(client.rest("GET", "/nobody/tasks")[0], 404)
    equal(code_of(client.rpc("SendMessage", tenant="nobody", message=message("m-3")))[0], -32602)
    equal(code_of(client.rpc("SendMessage", tenant=buyer.id, message=message("m-4")))[0], -32602)
    card = client.rpc("GetExtendedAgentCard")["result"]
    equal(([one["id"] for one in card["skills"]], len(card["signatures"]), card["capabilities"]["extendedAgentCard"]),
          (["text.shout"], 1, True))
    equal(client.rest("GET", f"/{seller.id}/extendedAgentCard")[2]["name"], "shouter")
    equal(Client(broker, None).rest("GET", "/extendedAgentCard")[0], 401)


@scene
def checks_come_in_the_order_of_the_specification():
    broker, _, buyer = shop()
    client = Client(broker, buyer.api_key)
    url = client.base + "/jsonrpc"
    bare = Client(broker, None)
    status, headers, _ = bare.http("POST", url, b"{", A2A_Version=None)
    equal((status, headers["WWW-Authenticate"]), (401, 'Bearer realm="a2a"'))
    equal(Client(broker, "aicx_" + "A" * 43).http("POST", url, b"{")[0], 401)

    def code(body, **fields):
        status, _, answer = client.http("POST", url, body, **fields)
        equal(status, 200, answer)
        return answer["error"]["code"], answer["id"]
    equal(code(b"{", Content_Type="text/plain"), (-32005, None))
    equal(code(b"{", A2A_Version=None), (-32700, None))
    equal(code(b'{"a":1,"a":2}'), (-32700, None))
    equal(code({"id": "x", "method": "GetTask"}, A2A_Version="0.3"), (-32600, "x"))
    call = {"jsonrpc": "2.0", "id": 7, "method": "NoSuch", "params": {}}
    equal(code(call, A2A_Version=None), (-32009, 7))
    equal(code(call, A2A_Version="0.3"), (-32009, 7))
    equal(code(call), (-32601, 7))
    equal(code(dict(call, method="GetTask")), (-32602, 7))
    equal(code(dict(call, method="SendMessage", params={"message": message("m")})), (-32602, 7))
    equal(code(dict(call, method="GetTask", params={"id": "x"})), (-32001, 7))
    status, _, body = client.rest("GET", "/tasks/x", A2A_Version="")
    equal((status, body["error"]["details"][0]["reason"]), (400, "VERSION_NOT_SUPPORTED"))
    status, headers, body = client.rest("GET", "/tasks/x", Accept="application/a2a+json")
    equal((status, headers["Content-Type"], body["error"]["details"][0]["reason"]),
          (404, "application/a2a+json", "TASK_NOT_FOUND"))
    equal(client.rest("DELETE", "/tasks/x")[0], 405)
    equal(client.rest("GET", "/nothing")[0], 404)


@scene
def cards_are_signed_cached_and_name_every_skill():
    broker, seller, buyer = shop()
    bare = Client(broker, None)
    origin = f"http://{broker.address}"
    status, headers, card = bare.http("GET", origin + "/.well-known/agent-card.json")
    equal((status, headers["Cache-Control"]), (200, "public, max-age=60"))
    equal([skill["id"] for skill in card["skills"]], ["text.shout"])
    equal(card["supportedInterfaces"][0]["url"], origin + "/a2a/jsonrpc")
    equal(bare.http("GET", origin + "/.well-known/agent-card.json", If_None_Match=headers["ETag"])[0], 304)
    broker.seller("echo", "text.echo", "0.002 AIC")
    status, later, card = bare.http("GET", origin + "/.well-known/agent-card.json",
                                    If_None_Match=headers["ETag"])
    equal((status, len(card["skills"])), (200, 2))
    that(later["ETag"] != headers["ETag"], "another card has another tag")

    own = Client(broker, buyer.api_key, seller.id)
    _, _, card = bare.http("GET", own.base + "/.well-known/agent-card.json")
    equal((card["name"], len(card["skills"])), ("shouter", 1))
    task = own.rpc("SendMessage", message=message("m-1"))["result"]["task"]
    equal(text_of(task), "HELLO")
    nobody = Client(broker, None, "00000000-0000-7000-8000-000000000000")
    equal(bare.http("GET", nobody.base + "/.well-known/agent-card.json")[0], 404)
    _, _, keys = bare.http("GET", origin + "/.well-known/jwks.json")
    equal([(key["kty"], key["crv"], key["alg"]) for key in keys["keys"]], [("OKP", "Ed25519", "EdDSA")])


if __name__ == "__main__":
    sys.exit(main(__doc__))
