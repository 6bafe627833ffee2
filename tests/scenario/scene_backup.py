# SPDX-License-Identifier: Apache-2.0
"""scene_backup.py - a copy of the store while it is used, and going back to it."""
import decimal
import shutil
import sys
import threading

from aicx_scene import Daemon, balanced, books, equal, main, scene, that, using

NEED = "text.echo"


class World:
    """A broker, a seller and a buyer that can buy on and on in a thread."""

    def __init__(self):
        self.broker = using(Daemon())
        self.broker.seller("echo", NEED, "0.001 AIC")
        self.buyer = self.broker.agent("buyer", funds="1.00 AIC")
        self.buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=1000)
        self.bought, self.over = [], threading.Event()

    def buy(self, key):
        answer = self.buyer.buy(NEED, "hello", "0.01 AIC", key=key, deadline_ms=20000)
        self.bought.append(answer.ok()["deal_id"])

    def buying(self):
        def on_and_on():
            while not self.over.is_set():
                self.buy(f"on-{len(self.bought)}")
        thread = threading.Thread(target=on_and_on)
        thread.start()
        return thread

    def back_to(self, name):
        """The copy in the place of the store."""
        self.broker.stop()
        shutil.rmtree(self.broker.data / "store")
        shutil.copytree(self.broker.data / "backups" / name, self.broker.data / "store")

    def origin(self):
        return self.broker.rest().get("/v1/ledger/checkpoint").ok()["checkpoint"].split("\n")[0]


@scene
def a_copy_made_under_load_starts_and_has_all_that_was_answered_before():
    world = World()
    thread = world.buying()
    while len(world.bought) < 5:
        that(not world.over.wait(0.05), "still buying")
    before = list(world.bought)
    said = world.broker.cli("ledger", "backup", "one")
    that("backups/one" in said, said)
    at_least = len(world.bought)
    while len(world.bought) < at_least + 3:
        that(not world.over.wait(0.05), "the broker goes on")
    world.over.set()
    thread.join()
    world.back_to("one")
    world.broker.start()
    for deal_id in before:
        equal(world.broker.operator.get(f"/v1/deals/{deal_id}").ok()["state"], "settled")
    equal(decimal.Decimal(books(world.broker)["sum"]), 0, "books")
    world.broker.agent("later", funds="1.00 AIC")


@scene
def a_copy_is_for_its_owner_alone_and_of_the_time_when_it_has_no_name():
    broker = using(Daemon())
    path = broker.data / broker.operator.post("/v1/ledger/backups", {}).ok()["path"]
    that(path.is_dir() and path.parent.name == "backups", path)
    equal([one.stat().st_mode & 0o777 for one in (path, path.parent)], [0o700, 0o700])


@scene
def what_is_no_name_or_taken_or_asked_by_others_is_refused():
    broker = using(Daemon())
    for name in ("../store", "a/b", ".hidden", "", "a b", "x" * 65, "one.part", "-v"):
        broker.operator.post("/v1/ledger/backups", {"name": name}).refused(400, "invalid_params")
    broker.operator.post("/v1/ledger/backups", {"name": "one"}).ok()
    broker.operator.post("/v1/ledger/backups", {"name": "one"}).refused(409, "already_exists")
    broker.agent("anybody").rest.post("/v1/ledger/backups", {"name": "two"}).refused(403, "denied")
    broker.rest().post("/v1/ledger/backups", {"name": "two"}).refused(401, "unauthenticated")
    that(not (broker.data / "backups" / "two").exists(), "nothing was written")


@scene
def half_a_copy_is_never_taken_for_one():
    broker = using(Daemon())
    half = broker.data / "backups" / "one.part"
    half.mkdir(parents=True)
    (half / "00000001.frames").write_text("of a copy that was cut short")
    broker.operator.post("/v1/ledger/backups", {"name": "one"}).ok()
    that(not half.exists(), "the half is gone")
    equal({path.name for path in (broker.data / "backups" / "one").iterdir()},
          {"00000001.frames", "CURRENT", "index"}, "the whole is there")


@scene
def a_copy_that_cannot_be_written_is_said_and_the_broker_goes_on():
    broker = using(Daemon())
    (broker.data / "backups").write_text("no folder\n")
    broker.operator.post("/v1/ledger/backups", {"name": "one"}).refused(503, "unavailable")
    broker.agent("somebody", funds="1.00 AIC")
    balanced(broker)


@scene
def going_back_behind_a_checkpoint_begins_a_new_origin():
    world = World()
    world.buy("first")
    world.broker.cli("ledger", "backup", "one")
    old = world.origin()
    world.buy("second")
    world.back_to("one")
    world.broker.args = ["--restored"]
    world.broker.start()
    began = world.broker.event("origin.began")
    new = world.origin()
    that(new != old and began["origin"] == new, (old, new))
    world.broker.stop()
    world.broker.args = []
    world.broker.start()
    equal(world.origin(), new)
    world.broker.agent("later", funds="1.00 AIC")
    balanced(world.broker)


@scene
def all_records_read_again_make_the_same_broker():
    world = World()
    world.buy("first")
    world.broker.stop()
    world.broker.args = ["--rebuild"]
    world.broker.start()
    world.broker.stop()
    world.broker.args = []
    world.broker.start()
    equal(len(world.buyer.rest.get("/v1/deals").ok()["deals"]), 1)
    balanced(world.broker)


if __name__ == "__main__":
    sys.exit(main(__doc__))
