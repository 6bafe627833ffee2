# SPDX-License-Identifier: Apache-2.0
"""fault_clock.py - the wall clock jumps by ten years and past 2038: no hold expires, no entry is wrong.

While the broker runs its time is drawn after the wall clock by one part in a hundred; at a
start with a clock that does not fit, nothing begins or expires until it is accepted.
"""
import datetime
import decimal
import sys
import time

import shim
from aicx_scene import Daemon, equal, eventually, main, scene, using, wire
from script import PRICE, CONF, Script

YEAR = 365 * 86400
JUMPS = {"ten years ahead": 10 * YEAR, "ten years behind": -10 * YEAR,
         "past 2038": 13 * YEAR, "a leap second": 1}
passed = 0


class World:
    def __init__(self):
        self.broker = Daemon({"40-broker.conf": CONF})
        self.shim = shim.Shim(self.broker.data, "clock_shim")
        self.broker.env.update(self.shim.env)
        using(self.broker)
        self.script = Script(self.broker)
        self.script.deal()

    def jump(self, seconds):
        self.shim.page.pause_us = seconds % (1 << 64)

    def hold(self):
        """Money for one more deal, and that deal's work ordered."""
        script = self.script
        script.operator.post(f"/v1/accounts/{script.buyer.id}/fund",
                             {"amount": wire.money(f"{PRICE} AIC")}).ok()
        return script.hold()

    def records_go_on(self):
        """Times of the deals' records never go back, and are of this year."""
        rest = self.script.buyer.rest
        for deal in rest.get("/v1/deals?limit=100").ok()["deals"]:
            held = rest.get(f"/v1/deals/{deal['deal_id']}").ok()
            for name in ("created", "changed"):
                if name in held.get("deal", held):
                    year = int(held.get("deal", held)[name][:4])
                    equal(year, datetime.date.today().year, f"year of {name}")


@scene
def the_clock_jumps_while_money_is_held():
    global passed  # pylint: disable=global-statement
    for name, seconds in JUMPS.items():
        world = World()
        execution = world.hold()
        world.jump(seconds)
        time.sleep(1.2)  # the broker's own timers fire
        now = world.script.buyer.balance()
        equal(decimal.Decimal(now["reserved"]), PRICE, f"{name}: reserved")
        world.script.seller.call("execution.result",
                                 {"execution_id": execution, "output": "late"})
        world.script.n_paid += 1
        world.script.settled()
        world.records_go_on()
        world.jump(0)
        world.script.deal()
        world.broker.stop()
        passed += 1
        print(f"# {name}: the hold stays and is paid")


@scene
def the_clock_is_wrong_at_a_start():
    global passed  # pylint: disable=global-statement
    for name, seconds in (("ten years ahead", 10 * YEAR), ("ten years behind", -10 * YEAR)):
        world = World()
        execution = world.hold()
        world.broker.kill()
        world.jump(seconds)
        world.broker.start()
        world.broker.event("clock.held")
        rest = world.broker.rest()
        equal((rest.get("/readyz").status, rest.get("/readyz").json["status"]),
              (503, "clock not accepted"), name)
        equal(decimal.Decimal(world.script.buyer.balance()["reserved"]), PRICE, f"{name}: reserved")
        world.script.answered = []
        world.broker.kill()
        world.jump(0)
        world.broker.start()
        world.script.returned()
        eventually(lambda: decimal.Decimal(world.script.buyer.balance()["reserved"]) == 0,
                   f"{name}: {execution} is paid")
        world.script.n_paid += 1
        world.script.settled()
        world.records_go_on()
        world.broker.stop()
        passed += 1
        print(f"# {name} at a start: it waits, and goes on with the right clock")


if __name__ == "__main__":
    failed = main(__doc__)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed)
