# SPDX-License-Identifier: Apache-2.0
"""a2a.py - a broker, its sellers and two buyers for a2a.mjs."""
import os
import subprocess
import sys
import threading

from aicx_scene import Daemon, Declined


HOW = [(binding, streams) for binding in ("JSONRPC", "HTTP+JSON") for streams in ("streams", "polls")]


def shout(execute):
    text = execute["input"].get("text", "")
    if text == "fail":
        raise Declined("no", "I cannot")
    return text.upper() if text else execute["input"]


def outsider(binding, streams):
    """An agent on the SDK's server: (its process, its origin, the key that signs its card)."""
    process = subprocess.Popen(["node", "a2a_agent.mjs", binding, streams], cwd=os.environ["AICX_INTEROP"],
                               stdout=subprocess.PIPE, text=True)
    port, key = process.stdout.readline().split()
    return process, f"http://127.0.0.1:{port}", key


def register(owner, origin):
    """Registered by its address alone; its id."""
    return owner.rest.post("/v1/agents", {
        "endpoints": [{"kind": "a2a", "url": origin}],
        "pricing": {"model": "per_call", "base_cost": {"amount": "0.001", "currency": "AIC"}}}).ok()["agent_id"]


def play():
    agents = [outsider(*how) for how in HOW]
    try:
        return play_with(agents)
    finally:
        for process, _, _ in agents:
            process.terminate()
            process.wait(10)


def play_with(agents):
    conf = f"""[gateway a2a "a2a"]
agents_allow = 127.0.0.1
cards_signed = yes
card_keys = {", ".join(key for _, _, key in agents)}
"""
    with Daemon({"81-a2a.conf": conf}) as broker:
        seller = broker.seller("shouter", "text.shout", "0.001 AIC")
        seller.work = shout
        done = threading.Event()  # an agent works on one thing at a time: a seller of its own
        for name in ("slow.rpc", "slow.rest", "slow2.rpc", "slow2.rest"):
            broker.seller(name, name, "0.001 AIC").work = lambda _: done.wait(60)
        buyer = broker.agent("buyer", funds="1.00 AIC")
        buyer.mandate("text.shout", "0.01 AIC", "1.00 AIC", max_deals=100)
        buyer.mandate("slow2.*", "0.01 AIC", "1.00 AIC", max_deals=100)
        buyer.mandate("slow.*", "0.01 AIC", "1.00 AIC", max_deals=100)
        for name in ("echo", "slow-echo", "fail", "ask", "say", "reject"):
            buyer.mandate(name, "0.01 AIC", "1.00 AIC", max_deals=100)
        poor = broker.agent("poor")
        owner = broker.agent("owner")
        sellers = [register(owner, origin) for _, origin, _ in agents]
        env = dict(os.environ, ORIGIN=f"http://{broker.address}", KEY=buyer.api_key,
                   POOR=poor.api_key, SELLER=seller.id,
                   AGENTS=" ".join(sellers))
        status = subprocess.run(["node", "a2a.mjs"], cwd=os.environ["AICX_INTEROP"], env=env,
                                timeout=120, check=False).returncode
        done.set()
        return status


if __name__ == "__main__":
    sys.exit(play())
