# SPDX-License-Identifier: Apache-2.0
"""a2a.py - a broker, its sellers and two buyers for a2a.mjs."""
import os
import subprocess
import sys
import threading

from aicx_scene import Daemon, Declined


def shout(execute):
    text = execute["input"].get("text", "")
    if text == "fail":
        raise Declined("no", "I cannot")
    return text.upper() if text else execute["input"]


def play():
    with Daemon() as broker:
        seller = broker.seller("shouter", "text.shout", "0.001 AIC")
        seller.work = shout
        done = threading.Event()  # an agent works on one thing at a time: a seller of its own
        for name in ("slow.rpc", "slow.rest", "slow2.rpc", "slow2.rest"):
            broker.seller(name, name, "0.001 AIC").work = lambda _: done.wait(60)
        buyer = broker.agent("buyer", funds="1.00 AIC")
        buyer.mandate("text.shout", "0.01 AIC", "1.00 AIC", max_deals=100)
        buyer.mandate("slow2.*", "0.01 AIC", "1.00 AIC", max_deals=100)
        buyer.mandate("slow.*", "0.01 AIC", "1.00 AIC", max_deals=100)
        poor = broker.agent("poor")
        env = dict(os.environ, ORIGIN=f"http://{broker.address}", KEY=buyer.api_key,
                   POOR=poor.api_key, SELLER=seller.id)
        status = subprocess.run(["node", "a2a.mjs"], cwd=os.environ["AICX_INTEROP"], env=env,
                                timeout=120, check=False).returncode
        done.set()
        return status


if __name__ == "__main__":
    sys.exit(play())
