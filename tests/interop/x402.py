# SPDX-License-Identifier: Apache-2.0
"""x402.py - a broker that sells for a token on an offline chain, for x402.mjs."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

from aicx_scene import Daemon, Declined
from aicx_scene.runner import Late

NEED, PRICE = "text.echo", "0.25 AIC"
FOLDER = pathlib.Path(os.environ["AICX_INTEROP"])
PLUGIN = """[payment x402 "x402"]
facilitator = {facilitator}
allow = 127.0.0.1
network = eip155:31337
asset = {asset}
token_name = Test USD
token_version = 1
pay_to = {payTo}
max_parallel_settle = 1
"""


def work(execute):
    if execute["input"] == {"say": "fail"}:
        raise Declined("failed", "cannot")
    return execute["input"]


def wait_for_price(broker):
    """The facilitator was asked what it supports."""
    end = time.monotonic() + 30
    while broker.rest().post(f"/x402/{NEED}", {}).status != 402:
        if time.monotonic() > end:
            raise Late("no price")
        threading.Event().wait(0.05)


def run(node, chain):
    """The client against a broker; its status."""
    with Daemon() as broker:
        buyer = broker.agent("payers", funds="10 AIC")
        buyer.mandate(NEED, PRICE, "1000 AIC", max_deals=1000)
        seller = broker.seller("echo", NEED, PRICE)
        seller.work = work
        broker.kill()
        (broker.conf / "31-x402.conf").write_text(
            PLUGIN.format(**chain) + f"buyer = {buyer.id}\nbuyer_key = {buyer.api_key}\n")
        file = broker.conf / "40-broker.conf"
        file.write_text(file.read_text() + f"public_url = http://{broker.address}\n")
        broker.start()
        wait_for_price(broker)
        done = subprocess.run([node, "x402.mjs"], cwd=FOLDER, check=False, timeout=200, env=dict(
            os.environ, URL=f"http://{broker.address}/x402/{NEED}", RPC=chain["rpc"],
            ASSET=chain["asset"], PAY_TO=chain["payTo"], PAYER_KEY=chain["payerKey"],
            POOR_KEY=chain["poorKey"]))
        return done.returncode


def main():
    node = shutil.which("node")
    with subprocess.Popen([node, "x402_chain.mjs"], cwd=FOLDER, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as bench:
        line = bench.stdout.readline()
        if not line:
            print("not ok - the chain does not start")
            return 1
        status = run(node, json.loads(line))
        bench.stdin.close()
        bench.wait(30)
        return status


if __name__ == "__main__":
    sys.exit(main())
