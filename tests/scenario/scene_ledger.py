# SPDX-License-Identifier: Apache-2.0
"""scene_ledger.py - receipts, checkpoints and proofs of a running broker; its data folder
audited, exported and recovered when it does not run."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

from aicx_scene import Daemon, equal, main, place, scene, skip, that, using

WAIT_S = 60
STORE_PUT = place.BUILD / "tests/lib/store_put"


class Books:
    """A broker with some records, and aicx as its operator."""

    def __init__(self, n_funds=3):
        if not place.AICX.exists():
            skip("no aicx in this build")
        self.broker = using(Daemon())
        self.env = dict(os.environ, NO_COLOR="1", XDG_CONFIG_HOME=str(self.broker.home / "config"))
        self.agent = self.json("agent", "register", "--name", "a")["agent_id"]
        self.last = None
        for _ in range(n_funds):
            self.fund()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    @property
    def data(self):
        return self.broker.data

    def path(self, name):
        return self.broker.home / name

    def aicx(self, *args, status=0):
        """Runs it; gives what it wrote to standard output and standard error."""
        done = subprocess.run(
            [str(place.AICX), "--broker", f"http://{self.broker.address}", "--identity",
             str(self.data / "operator.identity"), *map(str, args)],
            env=self.env, text=True, check=False, capture_output=True, timeout=WAIT_S)
        if done.returncode != status:
            raise AssertionError(f"aicx {' '.join(map(str, args))}: status {done.returncode}, not "
                                 f"{status}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def json(self, *args):
        return json.loads(self.aicx("-o", "json", *args)[0])

    def fund(self):
        answer = self.json("account", "fund", self.agent, "--amount", "1 AIC")
        self.last = answer["transaction_id"]

    def offline(self, verb, *args, data=None, status=0):
        out, err = self.aicx("ledger", verb, "--data", data or self.data, "-c", self.broker.conf,
                             "--plugins", place.PLUGINS, *args, status=status)
        return out + err

    def checkpoint(self, name):
        """The newest one, after all that was done: a receipt waits for it."""
        self.aicx("ledger", "receipt", self.last)
        self.aicx("ledger", "checkpoint", "--save", self.path(name))
        return int(self.path(name).read_text().split("\n")[1])

    def log_file(self):
        """The newest file of commits."""
        return sorted((self.data / "store").glob("*.frames"))[-1]


@scene
def a_running_broker_gives_proofs_that_verify_together():
    books = using(Books())
    first = books.checkpoint("first")
    books.aicx("ledger", "receipt", books.last, "--save", books.path("receipt"))
    report, _ = books.aicx("verify", books.path("receipt"))
    that("receipt: fund of 1.000000 AIC from funding:available" in report, report)
    books.fund()
    second = books.checkpoint("second")
    that(second > first, "a later checkpoint covers more")
    report, _ = books.aicx("verify", books.path("first"), books.path("second"))
    that("not compared" in report and report.endswith("all of them:\ngood\n"), report)
    books.aicx("ledger", "consistency", "--from", first, "--to", second, "--save",
               books.path("consistency"))
    report, _ = books.aicx("verify", *(books.path(name) for name in
                                       ("first", "second", "consistency", "receipt")))
    that(f"history: {first} records of" in report and "not compared" not in report, report)
    note, _ = books.aicx("ledger", "checkpoint")
    that(note.startswith(f"aiconexus/{books.broker.broker_id}/0\n"), note)
    equal(books.json("ledger", "checkpoint")["records"], second)

    # Refusals.
    books.aicx("ledger", "receipt", "01932000-0000-7000-8000-000000000000", status=1)
    books.aicx("ledger", "consistency", "--from", second + 1000, status=1)
    books.aicx("ledger", "consistency", status=64)
    forged = books.path("receipt").read_text().replace('\\"1.000000\\"', '\\"2.000000\\"')
    books.path("receipt").write_text(forged)
    report, _ = books.aicx("verify", books.path("receipt"), status=1)
    that("it is not in the checkpoint's tree" in report, report)


@scene
def a_stopped_brokers_records_are_audited_and_exported():
    books = using(Books())
    kept = books.checkpoint("kept")
    books.fund()
    for verb in ("audit", "export"):
        that("another broker has it open" in
             books.offline(verb, status=2 if verb == "audit" else 1), "the broker runs")
    books.broker.stop()
    report = books.offline("audit", "--checkpoint", books.path("kept"))
    that(f"recomputed: the root of {kept} records is that in" in report, report)
    that("sum to zero" in report and report.endswith("good\n"), report)
    equal(books.offline("export", "--save", books.path("ledger")), "")
    report, _ = books.aicx("verify", books.path("ledger"), books.path("kept"))
    that(f"recomputed: the root of {kept} records" in report, report)
    lines = books.path("ledger").read_text().split("\n")
    equal(books.offline("export").split("\n"), lines, "the same on standard output")

    # A line less, a digit more, another folder, no configuration.
    books.path("forged").write_text("\n".join(lines[:5] + lines[6:]))
    report, _ = books.aicx("verify", books.path("forged"), status=1)
    that("record 6 stands where 5 should be" in report, report)
    books.path("forged").write_text("\n".join(lines).replace('"1.000000"', '"1.000001"', 1))
    report, _ = books.aicx("verify", books.path("forged"), status=1)
    that("prev is " in report, report)
    report = books.offline("audit", data=books.broker.home, status=2)
    that("is no data folder of a broker" in report, report)
    books.offline("audit", data=books.path("nowhere"), status=2)
    books.aicx("ledger", "audit", "--data", books.data, "-c", books.path("nowhere"), status=2)


def put(books, key, value):
    subprocess.run([str(STORE_PUT), str(place.PLUGINS / "store_leveldb.so"),
                    str(books.data / "store"), key, value], check=True, timeout=WAIT_S)


@scene
def what_does_not_belong_into_the_store_is_named():
    books = using(Books())
    books.checkpoint("kept")
    books.broker.stop()
    ledger = books.offline("export").strip().split("\n")
    note = json.loads(ledger[-1])["checkpoint"]
    n_records = len(ledger) - 2
    put(books, "0/r/~~~~~~~~", json.dumps({"seq": 1}))
    report = books.offline("audit", status=1)
    that(f"record 1 stands where {n_records + 1} should be" in report, report)
    # The broker is of the same opinion.
    that(subprocess.run(books.broker.command(), env=books.broker.env, check=False, timeout=WAIT_S,
                        stderr=subprocess.DEVNULL).returncode != 0, "it does not start")
    books = using(Books())
    books.broker.stop()
    put(books, record_key(len(books.offline("export").strip().split("\n")) - 2) + "63", note)
    report = books.offline("audit", status=1)
    that("checkpoint: not signed by the key trusted by broker.identity" in report, report)


GARBAGE = b"\xde\xad\xbe\xef" * 40


def damage(books, word):
    """Flips a bit of the first commit that has this word."""
    data = bytearray(books.log_file().read_bytes())
    data[data.index(word)] ^= 1
    books.log_file().write_bytes(data)


def fingerprint(folder):
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


@scene
def a_store_that_refuses_to_open_is_recovered_on_a_copy():
    books = using(Books())
    kept = books.checkpoint("kept")
    that("a broker is running on this folder" in books.offline("recover", status=1), "it runs")
    copy = pathlib.Path(f"{books.data}.recovered")
    that(not copy.exists(), "nothing is left of it")
    books.broker.kill()
    damage(books, b"0/epoch")
    report = books.offline("audit", status=2)
    that("it is damaged (00000001.frames from byte" in report, report)
    before = fingerprint(books.data)
    report = books.offline("recover", "--checkpoint", books.path("kept"))
    that(f"recomputed: the root of {kept} records" in report, report)
    that("start the broker with it" in report, report)
    equal(fingerprint(books.data), before, "the original is as it was")
    that("exists" in books.offline("recover", status=1), "the copy is never overwritten")
    books.broker.data = copy
    books.broker.start()
    books.fund()


@scene
def an_end_that_was_never_finished_is_cut_off_at_the_next_start():
    books = using(Books())
    kept = books.checkpoint("kept")
    books.broker.kill()
    whole = books.log_file().read_bytes().rstrip(b"\0")
    books.log_file().write_bytes(whole + GARBAGE)  # what a power cut may leave
    report = books.offline("audit", "--checkpoint", books.path("kept"))
    that(f"recomputed: the root of {kept} records" in report, report)
    equal(books.log_file().read_bytes(), whole, "it is as it was")
    books.broker.start()
    books.fund()


@scene
def a_damaged_index_of_the_store_is_made_anew():
    books = using(Books())
    kept = books.checkpoint("kept")
    books.broker.stop()
    manifest = next((books.data / "store" / "index").glob("MANIFEST-*"))
    manifest.write_bytes(GARBAGE + manifest.read_bytes()[len(GARBAGE):])
    books.broker.start()
    books.broker.event("derived.thrown_away")
    books.fund()
    books.broker.stop()
    report = books.offline("audit", "--checkpoint", books.path("kept"))
    that(f"recomputed: the root of {kept} records" in report, report)


@scene
def a_store_that_lost_acknowledged_records_is_not_accepted():
    books = using(Books(n_funds=6))
    kept = books.checkpoint("kept")
    books.broker.kill()
    log = books.log_file().read_bytes().rstrip(b"\0")
    books.log_file().write_bytes(log[:len(log) // 2] + GARBAGE)
    before = fingerprint(books.data)
    report = books.offline("recover", "--checkpoint", books.path("kept"), status=1)
    that(f" to {kept} are missing:" in report, report)
    that("is not accepted; the original is as it was" in report, report)
    equal(fingerprint(books.data), before, "the original is as it was")


def checkpointed(books):
    """The number of records, all of them under the checkpoint that is in the store."""
    books.broker.stop()
    report = books.offline("audit")
    return int(report.split("records: ")[1].split(",")[0])


def record_key(seq):
    return f"0/r/%{seq:016x}"


@scene
def an_end_that_was_never_whole_is_cut_off_behind_the_last_checkpoint():
    books = using(Books())
    n = checkpointed(books)
    # Half of a commit: the record after the next, but not the next; and one that is no record.
    put(books, record_key(n + 2), json.dumps({"seq": n + 2, "prev": "A" * 43}))
    put(books, record_key(n + 3), "g" * 40)
    report = books.offline("audit", status=1)
    that(f"record {n + 2} stands where {n + 1} should be" in report, report)
    that(subprocess.run(books.broker.command(), env=books.broker.env, check=False, timeout=WAIT_S,
                        stderr=subprocess.DEVNULL).returncode != 0, "it does not start")
    before = fingerprint(books.data)
    report = books.offline("recover")
    that(f"cut off: what came after record {n} was not whole" in report and "keys: 2" in report,
         report)
    that("BAD" not in report and "start the broker with it" in report, report)
    equal(fingerprint(books.data), before, "the original is as it was")
    books.broker.data = pathlib.Path(f"{books.data}.recovered")
    books.broker.start()
    books.fund()
    books.broker.restart()
    that(checkpointed(books) > n, "it goes on")


@scene
def what_a_checkpoint_covers_is_never_cut_off():
    books = using(Books(n_funds=6))
    n = checkpointed(books)
    put(books, record_key(n - 1), "g" * 40)
    report = books.offline("recover", status=1)
    that(f"the line after record {n - 2} cannot be read" in report, report)
    that("cut off" not in report and "is not accepted" in report, report)

    # A checkpoint that was kept elsewhere counts as the store's own does.
    books = using(Books(n_funds=6))
    kept = books.checkpoint("kept")
    books.broker.stop()
    ledger = books.offline("export").strip().split("\n")
    put(books, record_key(kept), "g" * 40)
    put(books, record_key(len(ledger) - 2) + "63", "")
    that("is not accepted" in books.offline("recover", "--checkpoint", books.path("kept"),
                                            status=1), "it covers the record")
    that(len(ledger) - 2 >= kept, "the record was there")


if __name__ == "__main__":
    sys.exit(main(__doc__))
