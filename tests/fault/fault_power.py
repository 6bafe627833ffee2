# SPDX-License-Identifier: Apache-2.0
"""fault_power.py - the power goes at any event of the disk; what was acknowledged is there after it.

CUTS says how many.  Most are made under a small writer over the same store plugin
(power_writer.c), one in forty under the real broker with a scripted paid deal, and one in
twenty there with garbage or zeros at the ends.  Such an end may make the store refuse to
open: that is found, nothing is served, and `aicx ledger recover` is for it.  The writer's
store must open without the strict check, with all there; the broker is started with the
copy that `aicx ledger recover` accepted, and has all that it ever answered.
IGNORE_SYNCS=1 is the control: a disk that lies, more than half must be flagged.
"""
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import shim
from aicx_scene import GONE, Daemon, Late, main, place, scene, skip, that, using
from script import CONF, Script

CUTS = int(os.environ.get("CUTS") or "90")
SEED = int(os.environ.get("SEED") or "7")
IGNORE = bool(os.environ.get("IGNORE_SYNCS"))
MODES = {1: "ends gone", 2: "ends torn", 3: "garbage", 4: "zeros", 5: "names forgotten", 6: "mixed"}
GARBAGE_MODES = (3, 4, 6)
CUTS_OF_ONE_STORE, RECORDS, EVENTS, CUT_STATUS = 40, 120, 260, 75
WRITER, PLUGIN = place.BUILD / "tests/fault/power_writer", place.PLUGINS / "store_leveldb.so"
count = collections.Counter()
by_mode = collections.Counter()
refused_by = collections.Counter()


class Disk:
    """A folder under the shim, with second names for what is unlinked in it."""

    def __init__(self, home):
        self.home = pathlib.Path(home)
        self.root = self.home / "data"
        self.root.mkdir(exist_ok=True)
        self.shim = shim.Shim(self.root, "power_shim")
        self.env = {**self.shim.env, "AICX_SHIM_SHADOW": str(self.home / "shadow")}

    def arm(self, after, mode, seed):
        shutil.rmtree(self.home / "shadow", ignore_errors=True)
        (self.home / "shadow").mkdir()
        self.shim.arm(after, mode, sticky=IGNORE)
        self.shim.page.pause_us = seed

    def took(self):
        """Counts the cut; true when it took something away."""
        count["cuts"] += 1
        fired, taken = self.shim.page.n_fired, self.shim.page.n_after
        count["effective"] += bool(fired and taken)
        self.shim.disarm()
        return fired and taken


class Writer:
    """power_writer on one store, cut again and again."""

    def __init__(self, disk):
        self.disk, self.acked = disk, 0

    def run(self, *args, env=None, store=None):
        store = store or self.disk.root / "store"
        return subprocess.run([str(WRITER), str(PLUGIN), str(store), *args],
                              env={**os.environ, **(env or {})}, capture_output=True, text=True,
                              check=False, timeout=60)

    def one(self, after, mode, seed):
        """None, or what is wrong after the cut."""
        self.disk.arm(after, mode, seed)
        done = self.run("write", str(RECORDS), env=self.disk.env)
        that(done.returncode in (0, CUT_STATUS), f"writer: {done.returncode} {done.stderr}")
        for line in done.stdout.split("\n"):
            if line.startswith("ack "):
                self.acked = int(line[4:])
        taken = self.disk.took()
        after = self.run("check")
        if after.returncode != 0:
            return after.stderr.strip() or f"status {after.returncode}"
        last = int(after.stdout.split()[-1])
        if last < self.acked:
            return f"{self.acked} acknowledged, {last} there"
        by_mode[MODES[mode]] += bool(taken)
        return None


def recovered(writer, why, mode):
    """None when a store that refuses to open, as garbage is at an end in it, has all that was
    acknowledged when it is read as `aicx ledger recover` does; else why not, with the files.

    Acknowledged is what the writer was told is on disk.  A commit under way at the cut may be
    there, be gone, or be there by half: then it is cut off."""
    if "it is damaged" not in why:
        return why
    store, said = writer.disk.root / "store", [why]
    for way in ("lenient", "repair"):  # garbage in the manifest needs the second
        copy = writer.disk.home / way
        shutil.copytree(store, copy)
        done = writer.run(way, store=copy)
        last = int(done.stdout.split()[-1]) if done.returncode == 0 else None
        if last is not None and last >= writer.acked:
            count[way] += 1
            count["tails cut"] += bool(done.stderr)
            refused_by[MODES[mode]] += 1
            return None
        said.append(f"{way}: {writer.acked} acknowledged, {last} whole; {done.stderr.strip()}")
        for log in (copy / "LOG.old", copy / "LOG"):
            said += [line for line in (log.read_text().split("\n") if log.exists() else ())
                     if "Corruption" in line or "rror" in line]
    said += [f"{file.name} {file.stat().st_size}" for file in sorted(store.iterdir())]
    return "\n  ".join(said)


@scene
def cut_under_a_writer():
    if not WRITER.exists():
        skip("no power_writer in this build")
    dice, made = random.Random(SEED), 0
    n_cuts = CUTS - CUTS // 40
    while made < n_cuts:
        with tempfile.TemporaryDirectory(prefix="aicx-power-") as home:
            writer = Writer(Disk(home))
            that(writer.run("write", "40").returncode == 0, "a store is made")
            for _ in range(min(CUTS_OF_ONE_STORE, n_cuts - made)):
                made += 1
                mode, seed = dice.choice(list(MODES)), dice.randrange(1 << 30)
                why = writer.one(dice.randint(1, EVENTS), mode, seed)
                if why is None:
                    continue
                lost = recovered(writer, why, mode)
                if lost is None and not IGNORE:
                    count["refused"] += 1
                    break  # this store is for recovery
                count["flagged"] += 1
                if not IGNORE:
                    raise AssertionError(f"cut {made}, mode {MODES[mode]}: {lost}")
                break


def recover(broker):
    """Puts the copy that `aicx ledger recover` accepts in the place of the data folder."""
    bad = broker.data.with_name("data.bad")
    shutil.rmtree(bad, ignore_errors=True)
    broker.data.rename(bad)
    done = subprocess.run([str(place.AICX), "ledger", "recover", "--data", str(bad), "-c",
                           str(broker.conf), "--plugins", str(place.PLUGINS)],
                          capture_output=True, text=True, check=False, timeout=60)
    that(done.returncode == 0, f"recovery: {done.returncode}\n{done.stdout}{done.stderr}")
    count["ends cut off"] += "cut off:" in done.stdout
    copies = [bad.with_name("data.bad.recovered"), bad.with_name("data.bad.recovered.repaired")]
    good = [copy for copy in copies if copy.exists()][-1]
    count["recovered by a new manifest"] += good == copies[1]
    good.rename(broker.data)
    for copy in copies:
        shutil.rmtree(copy, ignore_errors=True)
    count["recovered"] += 1


class Victim:
    """The broker with its script of paid deals, on a disk whose power goes."""

    def __init__(self):
        self.broker = Daemon({"40-broker.conf": CONF})
        self.broker.data.mkdir()
        self.disk = Disk(self.broker.home)
        self.broker.env.update(self.disk.env)
        self.disk.arm(0, 1, 1)
        self.disk.shim.disarm()
        using(self.broker)
        self.script = Script(self.broker, self.back)

    def back(self):
        that(self.disk.shim.page.n_fired, "the broker ended by itself\n" + self.broker.log())
        self.broker.wait()
        self.disk.took()
        self.start()
        self.script.returned()

    def start(self):
        """A damaged index is noticed once and made anew by the next start; damaged records are
        for recovery."""
        for _ in range(2):
            try:
                return self.broker.start()
            except Late:
                if "makes the index anew" not in self.broker.log():
                    break
                count["index made anew"] += 1
        that("it is damaged" in self.broker.log(), self.broker.log())
        recover(self.broker)
        return self.broker.start()

    def one(self, after, mode, seed):
        self.disk.arm(after, mode, seed)
        try:
            self.script.deal()
        except GONE:
            self.back()
        if not self.disk.shim.page.n_fired:
            self.disk.took()


def cut_victims(n_cuts, modes, dice):
    made = 0
    while made < n_cuts:
        victim = Victim()
        for _ in range(min(10, n_cuts - made)):
            made += 1
            try:
                victim.one(dice.randint(1, 34), dice.choice(modes), dice.randrange(1 << 30))
            except (AssertionError, Late):
                count["flagged"] += 1
                if not IGNORE:
                    raise
                victim.broker.kill()
                break
        else:
            victim.broker.stop()


@scene
def cut_under_the_broker():
    if IGNORE:
        skip("the controls are made under the writer and with garbage")
    cut_victims(CUTS // 40, list(MODES), random.Random(SEED + 1))


@scene
def cut_and_recovered():
    cut_victims(CUTS // 20, GARBAGE_MODES, random.Random(SEED + 2))


if __name__ == "__main__":
    failed = main(__doc__)
    print(f"# {count['cuts']} cuts, {count['effective']} took something away {dict(by_mode)}; "
          f"{count['refused']} stores refused to open {dict(refused_by)}: all was there, in "
          f"{count['lenient']} without the strict check, in {count['repair']} with a new manifest; "
          f"{count['tails cut']} had a part of what was not acknowledged; "
          f"{count['recovered']} brokers refused to start and went on with the recovered copy, "
          f"{count['recovered by a new manifest']} of them by a new manifest, "
          f"{count['ends cut off']} with an end cut off; {count['index made anew']} refused a "
          "damaged index once")
    if IGNORE:
        print(f"# syncs ignored: {count['flagged']} of {count['cuts']} cuts flagged")
        sys.exit(count["flagged"] * 2 > count["cuts"])
    print(f"{count['cuts']} passed, {failed} failed")
    sys.exit(failed)
