# SPDX-License-Identifier: Apache-2.0
"""mcp_server.py - a small MCP server that knows nothing of us, with tools that also misbehave.

As a program it talks over its standard input and output (`mcp_server.py [legacy|modern|both|dies]`);
Server is the same over HTTP.  `dies`: of the older protocol, and ends at what it does not know.
"""
import http.server
import json
import os
import sys
import threading
import time

MODERN, LEGACY = "2026-07-28", "2025-11-25"
META = "io.modelcontextprotocol/"
PAGE = 3
TEXT = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "properties": {"text": {"type": "string", "maxLength": 1e3}}, "required": ["text"]}
NOTHING = {"type": "object"}
SUM = {"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]}


def numbers(*names):
    return {"type": "object", "properties": {name: {"type": "number"} for name in names},
            "required": list(names)}


class Error(Exception):
    """An answer that is an error: code, text, data."""

    def __init__(self, code, text, data=None, status=200):
        super().__init__(text)
        self.error = {"code": code, "message": text, **({"data": data} if data else {})}
        self.status = status


class Tools:
    """The tools, whatever the way to them; era: legacy, modern or both."""

    def __init__(self, era="both"):
        self.era, self.terms, self.called = era, ["a", "b"], []
        self.cancelled, self.let_go = threading.Event(), threading.Event()
        self.changed = lambda: None  # told when the list is another
        self.freeze = False

    def list(self):
        tools = {"echo": (TEXT, None), "Add.Numbers": (numbers(*self.terms), SUM),
                 "fail": (NOTHING, None), "bare": (NOTHING, SUM), "steps": (NOTHING, None),
                 "never": (NOTHING, None), "crash": (NOTHING, None), "freeze": (NOTHING, None),
                 "grow": (NOTHING, None), "large": (NOTHING, None), "noise": (NOTHING, None)}
        return [{"name": name, "title": name, "description": f"The tool {name}.",
                 "inputSchema": given, **({"outputSchema": result} if result else {})}
                for name, (given, result) in tools.items()]

    def answer(self, method, params, note):
        """The result of a request; note(method, params) sends something before."""
        meta = params.get("_meta", {})
        modern = META + "protocolVersion" in meta
        if modern and self.era == "legacy" or method == "server/discover" and self.era == "legacy":
            raise Error(-32601, f"no method {method}", status=400)
        if not modern and self.era == "modern":
            raise Error(-32022, "unsupported", {"supported": [MODERN], "requested": ""}, status=400)
        result = self.result(method, params, note)
        if modern:
            result = {"resultType": "complete", **result,
                      "_meta": {META + "serverInfo": {"name": "small", "version": "1"}}}
        return result

    def result(self, method, params, note):
        if method == "server/discover":
            return {"supportedVersions": [MODERN], "capabilities": {"tools": {"listChanged": True}},
                    "ttlMs": 0, "cacheScope": "private"}
        if method == "initialize":
            return {"protocolVersion": LEGACY, "capabilities": {"tools": {"listChanged": True}},
                    "serverInfo": {"name": "small", "version": "1"}}
        if method == "ping":
            return {}
        if method == "tools/list":
            at, tools = int(params.get("cursor", "0")), self.list()
            more = {"nextCursor": str(at + PAGE)} if at + PAGE < len(tools) else {}
            return {"tools": tools[at:at + PAGE], "ttlMs": 0, "cacheScope": "private", **more}
        if method == "tools/call":
            return self.call(params, note)
        raise Error(-32601, f"no method {method}", status=404)

    def call(self, params, note):
        name, given = params["name"], params.get("arguments", {})
        self.called.append((name, given, params.get("_meta", {})))
        text = {"content": [{"type": "text", "text": "done"}]}
        if name == "echo":
            if not isinstance(given.get("text"), str):
                raise Error(-32602, "text is no string")
            return {"content": [{"type": "text", "text": given["text"]}]}
        if name == "Add.Numbers":
            total = {"sum": sum(given[name] for name in self.terms)}
            return {"content": [{"type": "text", "text": json.dumps(total)}],
                    "structuredContent": total}
        if name == "fail":
            return {"content": [{"type": "text", "text": "the disk is full"}], "isError": True}
        if name == "steps":
            for step in (1, 2, 3):
                note("notifications/progress", {"progressToken": params["_meta"]["progressToken"],
                                                "progress": step, "total": 3, "message": f"step {step}"})
            return text
        if name == "never":
            self.let_go.wait(60)
        if name == "crash":
            os._exit(3)
        if name == "freeze":
            self.freeze = True
            time.sleep(3600)
        if name == "grow":
            self.terms.append("c")
            self.changed()
        if name == "large":
            return {"content": [{"type": "text", "text": "x" * 3_000_000}]}
        if name == "noise":
            print("this is no message", flush=True)
        if name not in {tool["name"] for tool in self.list()}:
            raise Error(-32602, f"no tool {name}")
        return text


def stdio(era):
    """Reads requests line by line; each is answered by a thread, but for freeze."""
    tools, lock = Tools("legacy" if era == "dies" else era), threading.Lock()

    def send(message):
        with lock:
            print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

    def note(method, params=None):
        send({"method": method, "params": params or {}})

    def serve(message):
        try:
            params = message.get("params", {})
            send({"id": message["id"], "result": tools.answer(message["method"], params, note)})
        except Error as error:
            send({"id": message["id"], "error": error.error})

    tools.changed = lambda: note("notifications/tools/list_changed")
    print("small server is up", file=sys.stderr, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if era == "dies" and message.get("method") == "server/discover":
            sys.exit("unknown method")
        if message.get("method") == "notifications/cancelled":
            print(f"cancelled {message['params']['requestId']}", file=sys.stderr, flush=True)
            tools.let_go.set()
        if "id" not in message or "method" not in message:
            continue
        if message.get("params", {}).get("name") == "freeze":
            serve(message)
        elif message["method"] == "subscriptions/listen":
            continue  # answered at the end only
        else:
            threading.Thread(target=serve, args=(message,), daemon=True).start()


class Server:
    """`with Server("legacy") as server:` listens at .url; events: answers come as a stream.

    .next: raw answers (status, type, body) to calls, once each; .asked: the requests.
    """

    def __init__(self, era="both", events=False):
        self.tools, self.events, self.next, self.asked = Tools(era), events, [], []
        self.sessions, server = set(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def say(self, status, body=b"", kind="application/json", **fields):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                for name, value in fields.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

            def do_POST(self):  # pylint: disable=invalid-name
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((dict(self.headers), message))
                if server.next and message["method"] == "tools/call":
                    status, kind, body = server.next.pop(0)
                    self.say(status, body, kind, Location="http://127.0.0.1:1/")
                elif "id" not in message:
                    if message["method"] == "notifications/cancelled":
                        server.tools.cancelled.set()
                    self.say(202)
                else:
                    self.answer(message)

            def answer(self, message):
                started = False

                def note(method, params=None):
                    nonlocal started
                    event = {"jsonrpc": "2.0", "method": method, "params": params or {}}
                    data = f"event: message\ndata: {json.dumps(event)}\n\n".encode()
                    if started:
                        self.wfile.write(data)
                    else:
                        self.say(200, data, "text/event-stream")
                    started = True

                status, fields = 200, {}
                server.tools.changed = lambda: note("notifications/tools/list_changed")
                try:
                    fields = self.check(message)
                    said = {"result": server.tools.answer(message["method"],
                                                          message.get("params", {}), note)}
                except Error as error:
                    status, said = error.status, {"error": error.error}
                body = json.dumps({"jsonrpc": "2.0", "id": message["id"], **said}).encode()
                if started or server.events and status == 200:
                    body = b": hello\n\ndata: " + body + b"\n\n"
                if started:
                    self.wfile.write(body)
                else:
                    self.say(status, body, "text/event-stream; charset=utf-8"
                             if body[:1] == b":" else "application/json", **fields)

            def check(self, message):
                """The header fields of its era; those of the answer."""
                params = message.get("params", {})
                version = params.get("_meta", {}).get(META + "protocolVersion")
                if version:
                    wanted = {"MCP-Protocol-Version": version, "Mcp-Method": message["method"],
                              "Mcp-Name": params.get("name"), "Mcp-Session-Id": None}
                    for name, value in wanted.items():
                        if self.headers.get(name) != value:
                            raise Error(-32020, f"{name} is not {value}", status=400)
                elif message["method"] == "initialize":
                    session = f"session-{len(server.sessions)}-{time.monotonic_ns()}"
                    server.sessions.add(session)
                    return {"Mcp_Session_Id": session}
                elif server.tools.era != "modern" and message["method"] != "server/discover":
                    if self.headers.get("Mcp-Session-Id") not in server.sessions:
                        raise Error(-32001, "no such session", status=404)
                    if self.headers.get("MCP-Protocol-Version") != LEGACY:
                        raise Error(-32000, "another version", status=400)
                return {}

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # whoever asked went away

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/mcp"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.tools.let_go.set()
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    stdio(sys.argv[1] if len(sys.argv) > 1 else "both")
