# SPDX-License-Identifier: Apache-2.0
"""fault_rot.py - single bits of a stopped broker's data folder flip: found, or harmless.

FLIPS says how many, FILE in which file alone.  After each the broker either refuses to start and names the place, or
serves exactly what it served before: every deal with its file and every balance.  What the
store can make anew is perhaps missed only when it is read: then the broker ends, and serves
all of that after its next start.
"""
import http.client
import os
import pathlib
import random
import shutil
import sys

from aicx_scene import Daemon, Late, equal, main, scene, that, using
from script import CONF, Script

FLIPS = int(os.environ.get("FLIPS") or "24")
SEED = int(os.environ.get("SEED") or "7")
FILE = os.environ.get("FILE")
DEALS = 12
count = {"flips": 0, "refused": 0, "healed": 0, "harmless": 0}


class Picture:
    """All that a broker says of the deals and the money of a script."""

    def __init__(self, script):
        self.script = script

    def take(self):
        broker, buyer = self.script.broker, self.script.buyer
        deals = broker.operator.get(f"/v1/deals?agent_id={buyer.id}&limit=100").ok()["deals"]
        seen = {"broker": broker.rest().get("/.well-known/aiconexus").ok(),
                "deals": sorted(deal["deal_id"] for deal in deals),
                "balance": buyer.rest.get(f"/v1/audit/balance/{buyer.id}").ok(),
                "earned": broker.operator.get(f"/v1/audit/balance/{self.script.seller.id}").ok()}
        for deal in deals:
            got = buyer.rest.get(f"/v1/deals/{deal['deal_id']}")
            seen[deal["deal_id"]] = got.ok_text()
        return seen


def flip(path, dice):
    data = bytearray(path.read_bytes())
    bit = dice.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    return f"bit {bit % 8} of byte {bit // 8} of {len(data)}"


def files_of(folder):
    """What a broker reads at a start; LevelDB's own log is for people."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size
                  and path.name not in ("LOG", "LOG.old", "LOCK", "operator.identity")
                  and not path.name.startswith("ballast") and FILE in (None, path.name))


def one(broker, picture, whole, kept, dice):
    shutil.rmtree(broker.data)
    shutil.copytree(kept, broker.data)
    path = dice.choice(files_of(broker.data))
    place = f"{path.relative_to(broker.data)}: {flip(path, dice)}"
    count["flips"] += 1
    try:
        broker.start()
    except Late:
        status = broker.wait()
        that(status in (74, 78), f"{place}: ended with {status}\n{broker.log()}")
        that("broker.refused" in broker.log() and "reason" in broker.log(), f"{place}: says nothing")
        count["refused"] += 1
        return
    outcome = "harmless"
    try:
        try:
            seen = picture.take()
        except (ConnectionError, http.client.HTTPException):
            equal(broker.wait(), 74, place)
            broker.start()
            seen, outcome = picture.take(), "healed"
        equal(seen, whole, place)
    finally:
        broker.kill()
    count[outcome] += 1


@scene
def single_bits_of_the_data_folder_flip():
    dice = random.Random(SEED)
    broker = using(Daemon({"40-broker.conf": CONF}))
    script = Script(broker)
    for i in range(DEALS):
        script.deal()
        if i == DEALS // 2:
            broker.stop()  # so that there is a table, too
            broker.start()
            script.returned()
    picture = Picture(script)
    whole = picture.take()
    broker.stop()
    kept = pathlib.Path(shutil.copytree(broker.data, broker.home / "kept"))
    for _ in range(FLIPS):
        one(broker, picture, whole, kept, dice)
    shutil.rmtree(broker.data)
    shutil.copytree(kept, broker.data)
    broker.start()
    equal(picture.take(), whole, "without a flip")


if __name__ == "__main__":
    failed = main(__doc__)
    print(f"# {count['flips']} flips: {count['refused']} found, {count['healed']} found when read, "
          f"{count['harmless']} harmless")
    print(f"{count['flips']} passed, {failed} failed")
    sys.exit(failed)
