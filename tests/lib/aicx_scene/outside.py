# SPDX-License-Identifier: Apache-2.0
"""outside.py - a plain HTTP server, Python's own, that knows nothing of us.

It gets the input by POST and answers the number of its words.
"""
import http.server
import json
import threading

NEED = "text.count"


class Server:
    """`with Server() as server:`; .answers: what it says next, else the words' number."""

    def __init__(self):
        self.asked, self.answers = [], []
        self.let_go = threading.Event()
        self.let_go.set()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def say(self, status, value, kind="application/json"):
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):  # pylint: disable=invalid-name
                self.say(200, {"name": "counter", "description": "counts words",
                               "capabilities": [{"name": NEED, "remote": "Count Words",
                                                 "input_schema": {"type": "string"}}]})

            def do_POST(self):  # pylint: disable=invalid-name
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((dict(self.headers), given))
                server.let_go.wait(20)
                if server.answers:
                    self.say(*server.answers.pop(0))
                else:
                    self.say(200, {"words": len(given.split())})

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # whoever asked went away

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/count"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()
