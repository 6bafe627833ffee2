# SPDX-License-Identifier: Apache-2.0
"""idle_sse.py URL PID OPERATOR_IDENTITY N - what an idle follower of a deal costs.

N connections follow one open deal by GET /v1/deals/{id}/events; the figure is how much
the broker's resident memory grew for each.  A first tenth of them warms its heap up.
"""
import http.client
import json
import resource
import selectors
import socket
import sys
import urllib.parse


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def call(url, key, method, path, body=None):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    connection.request(method, path, json.dumps(body) if body is not None else None,
                       {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        sys.exit(f"{path}: {answer.status} {text.decode()}")
    return json.loads(text)


def follow(url, key, deal, n_clients):
    """So many followers, each past its first event."""
    request = (f"GET /v1/deals/{deal}/events HTTP/1.1\r\nHost: {url.netloc}\r\n"
               f"Accept: text/event-stream\r\nAuthorization: Bearer {key}\r\n\r\n").encode()
    clients, waiting = [], selectors.DefaultSelector()
    for _ in range(n_clients):
        client = socket.create_connection((url.hostname, url.port), timeout=60)
        client.sendall(request)
        waiting.register(client, selectors.EVENT_READ, bytearray())
        clients.append(client)
    left = n_clients
    while left > 0:
        ready = waiting.select(60)
        if not ready:
            sys.exit("a follower got no event")
        for key_, _ in ready:
            key_.data.extend(key_.fileobj.recv(65536))
            if b"\ndata: " in key_.data and key_.data.rstrip(b"\r\n").endswith(b"}"):
                waiting.unregister(key_.fileobj)
                left -= 1
    return clients


def main():
    url, pid, identity, n_clients = urllib.parse.urlsplit(sys.argv[1]), *sys.argv[2:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with open(identity, encoding="utf-8") as file:
        operator = json.load(file)["api_key"]
    agent = call(url, operator, "POST", "/v1/agents", {"name": "sse"})["agent_id"]
    key = call(url, operator, "POST", "/v1/credentials",
               {"agent_id": agent, "kind": "api_key"})["api_key"]
    deal = call(url, key, "POST", "/v1/intents", {
        "need": "bench.nobody", "max_price": {"amount": "0.01", "currency": "AIC"},
        "deadline_ms": 600000})["intent_id"]
    n_clients = int(n_clients)
    first = follow(url, key, deal, n_clients // 10)
    before = rss_kib(pid)
    rest = follow(url, key, deal, n_clients)
    print(f"idle_sse_kib {(rss_kib(pid) - before) / len(rest):.2f} KiB")
    for client in first + rest:
        client.close()


main()
