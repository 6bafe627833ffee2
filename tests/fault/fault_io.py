# SPDX-License-Identifier: Apache-2.0
"""fault_io.py - the k-th write, sync, rename or open of the disk fails, for every k of a paid deal.

Rules: the broker answers nothing that is not on disk, syncs no failed file again, says why
and ends with 74; a restart has all that was answered.  While the disk stays broken, a start
serves what was verified for reading and takes nothing.  POINTS limits how many k are taken
(0: all, with all three errors).
"""
import decimal
import os
import sys

import shim
from aicx_scene import Daemon, Late, equal, main, scene, that, using
from script import CONF, Reader, Script

POINTS = int(os.environ.get("POINTS") or "36")
DEEDS = (shim.EIO, shim.ENOSPC, shim.SHORT)
EX_IOERR = 74
POINTS_OF_ONE_STORE = 200
count = {"points": 0, "effective": 0, "read_only": 0, "survived": 0}


class World:
    """A broker under the shim with a script of paid deals."""

    def __init__(self):
        self.broker = Daemon({"40-broker.conf": CONF})
        self.shim = shim.Shim(self.broker.data)
        self.broker.env.update(self.shim.env)
        using(self.broker)
        self.script = Script(self.broker, self.back)
        self.reader = Reader(self.broker, self.script.buyer.id)
        self.reader.start()
        self.read_only = False  # the disk stays broken for one more start
        self.n_back = 0
        before = self.shim.page.n_events
        self.script.deal()
        self.n_deal = self.shim.page.n_events - before
        before = self.shim.page.n_events
        self.broker.stop()
        self.broker.start()
        self.script.returned()
        self.n_start = self.shim.page.n_events - before

    def ended(self):
        """It ended in order, by itself, and said why."""
        equal(self.broker.wait(), EX_IOERR, "exit status")
        self.broker.event("store.failed")
        equal(self.shim.page.n_retried, 0, f"syncs of a failed file: {self.shim.fired()}")

    def back(self):
        that(self.shim.fired(), "the broker ended without a fault:\n" + self.broker.log())
        self.ended()
        self.n_back += 1
        if self.read_only:
            self.read_only = False
            self.reads_only()
        self.shim.disarm()
        self.broker.start()
        self.reader.still_there()
        self.script.returned()

    def reads_only(self):
        """Started while every write fails: it reads, and takes nothing."""
        self.shim.arm(1, shim.EIO, sticky=True)
        self.broker.start()
        self.broker.event("broker.read_only")
        rest, operator = self.broker.rest(), self.broker.operator
        equal((rest.get("/readyz").status, rest.get("/readyz").json["status"]), (503, "read only"))
        equal((rest.get("/healthz").status, rest.get("/healthz").json["status"]), (200, "degraded"))
        self.reader.still_there()
        operator.post(f"/v1/accounts/{self.script.buyer.id}/fund", {
            "amount": {"amount": "1", "currency": "AIC"}}).refused(503, "unavailable")
        for name, send, status, body in self.script.answered:
            if name == "fund":  # what was answered can be looked at, if not asked again
                equal((status, send().status), (201, 503))
                equal(b"transaction_id" in body, True)
        self.broker.stop()
        self.shim.disarm()
        count["read_only"] += 1

    def one(self, event, deed):
        """The event of a deal; a fault that the broker can live with is legal."""
        self.read_only = event % 5 == 0
        self.n_back = 0
        self.shim.arm(event, deed)
        self.script.deal()
        count["points"] += 1
        count["effective"] += self.shim.fired() is not None
        self.shim.disarm()
        if self.shim.fired() and not self.n_back:  # it went on: rightly?
            count["survived"] += 1
            self.broker.restart()
            self.reader.still_there()
            self.script.returned()

    def one_start(self, event, deed):
        """The event of a start: it refuses with 74, serves for reading, or serves."""
        self.broker.stop()
        self.shim.arm(event, deed)
        try:
            self.broker.start()
        except Late:
            equal(self.broker.wait(), EX_IOERR, "exit status")
        else:
            if self.broker.rest().get("/readyz").status == 200:
                self.script.returned()
                self.reader.still_there()
                try:
                    self.script.settled()
                except OSError:
                    self.ended()
            else:
                self.broker.event("broker.read_only")
        count["points"] += 1
        count["effective"] += self.shim.fired() is not None
        self.shim.disarm()
        if self.broker.process.poll() is None:
            self.broker.stop()
        self.broker.start()
        self.reader.still_there()
        self.script.returned()


def spread(cases, n):
    return cases if n == 0 or n >= len(cases) else [cases[i * len(cases) // n] for i in range(n)]


def all_points(n_events):
    """Each error at each event; in the short form one of the three in turn."""
    if POINTS == 0:
        return [(event, deed) for event in range(1, n_events + 1) for deed in DEEDS]
    return [(event, DEEDS[event % 3]) for event in range(1, n_events + 1)]


def sweep(cases_of, play):
    """Plays all cases, each on a store that is not too old."""
    world, n_played = World(), 0
    cases = cases_of(world)
    for case in cases:
        if n_played == POINTS_OF_ONE_STORE:
            world.broker.kill()
            world, n_played = World(), 0
        n_played += 1
        try:
            play(world, *case)
        except BaseException:
            print(f"# event {case[0]}, {shim.DEEDS[case[1]]}: {world.shim.fired()}")
            raise
    world.reader.end.set()
    world.script.settled()
    equal(decimal.Decimal(world.script.buyer.balance()["reserved"]), 0)
    world.broker.stop()
    print(f"# {len(cases)} points of {world.n_deal} events of a deal and {world.n_start} of a start")


@scene
def every_disk_call_of_a_paid_deal_fails_in_turn():
    sweep(lambda world: spread(all_points(world.n_deal), POINTS // 2), World.one)


@scene
def every_disk_call_of_a_start_fails_in_turn():
    sweep(lambda world: spread(all_points(world.n_start), POINTS // 2), World.one_start)


if __name__ == "__main__":
    failed = main(__doc__)
    print(f"# {count['points']} points, {count['effective']} hit, {count['survived']} of them harmless; "
          f"{count['read_only']} starts on a disk that stayed broken")
    print(f"{count['points']} passed, {failed} failed")
    sys.exit(failed)
