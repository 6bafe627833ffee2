# SPDX-License-Identifier: Apache-2.0
"""fault_full.py - the disk fills up: what is under way ends, nothing begins, reading goes on.

On a small tmpfs, so only where mounting is allowed.  NO_BALLAST=1 is the control: without
floor and ballast obligations do not end.
"""
import contextlib
import decimal
import os
import pathlib
import subprocess
import sys
import tempfile

from aicx_scene import Daemon, equal, eventually, main, place, scene, skip, that, using, wire
from script import PRICE, CONF, Script

NO_BALLAST = bool(os.environ.get("NO_BALLAST"))
MEGA = 1 << 20
SIZES = "disk_floor = 0\ndisk_stop = 0\nballast = 0\n" if NO_BALLAST else \
    "disk_floor = 16m\ndisk_stop = 6m\nballast = 3m\n"
STORE = '[store leveldb "main"]\npath = store\nwrite_buffer = 256k\n'
passed = 0


@contextlib.contextmanager
def small_disk(megas):
    path = pathlib.Path(tempfile.mkdtemp(prefix="aicx-disk-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megas}m,mode=700", "tmpfs", str(path)],
                          capture_output=True, check=False)
    if done.returncode != 0:
        path.rmdir()
        skip("no tmpfs can be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)
        path.rmdir()


class World:
    """A broker on a disk of 48 MB, and a file that fills it."""

    def __init__(self):
        self.scratch = pathlib.Path(using(tempfile.TemporaryDirectory(dir="/dev/shm")))
        broker = Daemon({"20-store.conf": STORE + f"scratch = {self.scratch}\n",
                         "40-broker.conf": CONF + SIZES})
        self.data = using(small_disk(48))
        broker.data = self.data / "data"
        self.broker = using(broker)
        self.script = Script(self.broker)
        self.script.deal()

    def leave(self, megas):
        """Fills the disk but for so much."""
        (self.data / "filler").unlink(missing_ok=True)
        room = os.statvfs(self.data)
        n_bytes = room.f_bavail * room.f_frsize - int(megas * MEGA)
        with open(self.data / "filler", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, n_bytes)

    def fund(self):
        return self.script.operator.post(f"/v1/accounts/{self.script.buyer.id}/fund",
                                         {"amount": wire.money("0.001 AIC")})

    def reserve(self, expires_in_ms):
        """Money set aside by hand; its id."""
        script = self.script
        return script.buyer.rest.post(f"/v1/budgets/{script.buyer.id}/reservations", {
            "amount": wire.money("0.001 AIC"), "expires_in_ms": expires_in_ms}).ok()["reservation_id"]

    def reserved(self, amount):
        """Waits until so much is reserved, and no more."""
        eventually(lambda: decimal.Decimal(self.script.buyer.balance()["reserved"]) ==
                   decimal.Decimal(amount), f"{amount} reserved")

    def shadows(self):
        """Folders through which the store is read."""
        return set(self.scratch.glob("aicx-store-*"))

    def audit(self):
        """`aicx ledger audit` of the stopped broker's folder."""
        done = subprocess.run([str(place.AICX), "ledger", "audit", "--data", str(self.broker.data),
                               "-c", str(self.broker.conf), "--plugins", str(place.PLUGINS)],
                              capture_output=True, text=True, check=False, timeout=60)
        equal(done.returncode, 0, done.stdout + done.stderr)
        that(done.stdout.endswith("good\n"), done.stdout)

    def deliver(self, execution):
        self.script.seller.call("execution.result", {"execution_id": execution, "output": "late"})

    def paid(self):
        """Waits for what the script says was paid."""
        eventually(lambda: decimal.Decimal(self.script.buyer.balance()["spent"]) ==
                   PRICE * self.script.n_paid, f"{self.script.n_paid} paid")
        equal(decimal.Decimal(self.script.buyer.balance()["reserved"]), 0, "reserved")

    def ended(self, event):
        status = self.broker.wait()
        self.broker.event(event)
        equal(status, 74, "exit status")


def good(what):
    global passed  # pylint: disable=global-statement
    passed += 1
    print(f"# {what}")


@scene
def below_the_floor_obligations_end_and_none_begin():
    world = World()
    script, rest = world.script, world.broker.rest()
    execution = script.hold()
    world.leave(10)
    world.broker.event("disk.low")
    world.fund().refused(503, "unavailable")
    script.buyer.buy("text.echo", "new", "0.01 AIC").refused(503, "unavailable")
    good("money is neither taken in nor set aside")
    equal((rest.get("/healthz").status, rest.get("/healthz").json["status"]), (200, "degraded"))
    equal((rest.get("/readyz").status, rest.get("/readyz").json["status"]), (503, "disk low"))
    good("health is degraded, and it is not ready for new work")
    world.deliver(execution)
    script.n_paid += 1
    world.paid()
    good("what was held is paid")
    (world.data / "filler").unlink()
    world.broker.event("disk.enough")
    equal(world.fund().status, 201)
    good("with room again all goes on")


@scene
def below_the_floor_money_goes_back():
    world = World()
    script = world.script
    bought = script.buyer.buy("text.echo", "once", "0.01 AIC").ok()
    script.n_paid += 1
    given, forgotten = world.reserve(600000), world.reserve(2000)
    world.leave(10)
    world.broker.event("disk.low")
    script.buyer.rest.post(f"/v1/budgets/{script.buyer.id}/reservations", {
        "amount": wire.money("0.001 AIC")}).refused(503, "unavailable")
    script.buyer.rest.request("DELETE", f"/v1/reservations/{given}").ok()
    good("what was set aside is given back")
    world.reserved("0")
    script.buyer.rest.request("DELETE", f"/v1/reservations/{forgotten}").refused(410, "expired")
    good("and expires")
    refund = f"/v1/transactions/{bought['receipt']['transaction_id']}/refund"
    script.operator.post(refund, {"amount": wire.money("0.0004 AIC")}).ok()
    equal(decimal.Decimal(script.operator.post(refund, {}).ok()["left"]["amount"]), 0)
    script.operator.post(refund, {}).refused(409, "wrong_state")
    script.n_paid -= 1
    world.paid()
    good("what was paid is refunded, in parts")
    world.broker.stop()
    world.leave(0)
    world.audit()
    good("the ledger is audited with no room at all")


@scene
def on_a_full_disk_it_ends_in_order_and_what_is_held_is_paid_after_a_start():
    world = World()
    script = world.script
    execution = script.hold()
    world.leave(2)
    if not NO_BALLAST:
        world.ended("disk.full")
        good("at the last reserve it stops in order")
        world.broker.start()
        script.returned()
        good("and starts again in the room of its ballast, its seller is asked again")
        world.fund().refused(503, "unavailable")
    else:
        world.leave(0)
        world.deliver(execution)
    script.n_paid += 1
    world.paid()
    good("what is held is paid")
    world.leave(0)
    path = f"/v1/accounts/{script.buyer.id}/withdraw"
    for _ in range(4000):  # until the store needs more room than it has
        try:
            if script.operator.post(path, {"amount": wire.money("0.000001 AIC")}).status != 201:
                break
        except OSError:
            break
    world.ended("store.failed")
    world.audit()
    world.broker.start()
    world.broker.event("broker.read_only")
    left = world.shadows()
    equal(decimal.Decimal(script.buyer.balance()["spent"]), PRICE * script.n_paid, "spent")
    world.fund().refused(503, "unavailable")
    good("with no room at all it ends with 74, and is audited, and is read after a start")
    equal(len(left), 2, "folders in memory: of the records, of the index")
    world.broker.kill()
    that(left <= world.shadows(), "the killed reader's folder stays")
    (world.data / "filler").unlink()
    world.broker.start()
    that(not world.shadows(), "a start removes it")
    script.returned()
    good("what a killed reader left in memory is gone after the next start")


if __name__ == "__main__":
    failed = main(__doc__)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed)
