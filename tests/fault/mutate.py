# SPDX-License-Identifier: Apache-2.0
"""mutate.py - N times random damage to deal files, ledgers, checkpoints, receipts and
consistency proofs of a real run: both verifiers find it, or it means the same to both.

    mutate.py [N]        or N in the environment; SEED chooses other ones
"""
import collections
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "verifier"), str(HERE.parent / "lib")]

# pylint: disable=wrong-import-position
from aicx_scene import main, place, runner, scene, skip, that

import fair
import mutations
from aicxv import BROKEN, GOOD, UNREADABLE, Trust, verify

N = int(next((arg for arg in sys.argv[1:] if arg.isdigit()), os.environ.get("N", "600")))
SEED = int(os.environ.get("SEED", "1"))
N_DEALS = 6
SHOWN = 10
TOOL = place.BUILD / "tests/fault/verify_many"
TALLY = collections.Counter()
runner.SCENE_SECONDS += N // 10


class Many:
    """aicx's verifier, one process for all files."""

    def __init__(self, key):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([TOOL, key], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def verify(self, data):
        self.process.stdin.write(b"%d\n" % len(data) + data)
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode("utf-8", "replace")
        if not line:
            raise AssertionError(f"verify_many died: {self.process.wait()}")
        return int(line.split(" ")[0]), line[2:].strip()

    def close(self):
        self.process.stdin.close()
        that(self.process.wait(10) == 0, "verify_many ended badly")


def files_of(run):
    """name -> bytes: every kind, the small ones as often as the large ones."""
    book = run.honest
    files = {f"deal {i}": data for i, data in enumerate(run.files.values())}
    files |= {f"receipt {i}": data for i, data in enumerate(run.receipts)}
    files |= {f"checkpoint {i}": data for i, data in enumerate(run.checkpoints)}
    files |= {"ledger": book.ledger(), "short ledger": book.ledger(12),
              "consistency": book.consistency(11, 30), "other consistency": book.consistency(7, 13)}
    return files


def judge(name, kind, damaged, same, said):
    """One case: found by both, or the same to both."""
    statuses = {who: status for who, (status, _) in said.items()}
    good = all(status == GOOD for status in statuses.values()) if same else \
        all(status in (BROKEN, UNREADABLE) for status in statuses.values())
    TALLY["passed" if good else "failed"] += 1
    TALLY["same" if same else "found"] += good
    TALLY["found, one broken, one unreadable"] += good and len(set(statuses.values())) > 1
    if not good:
        TALLY[f"{'same' if same else 'damaged'}: " + ", ".join(
            f"{who} {status}" for who, status in statuses.items())] += 1
        if TALLY["failed"] <= SHOWN:
            print(f"not ok - {kind} of {name}, {'same' if same else 'damaged'}: {said}")
            folder = os.environ.get("MUTANTS")
            if folder:
                pathlib.Path(folder, f"mutant{TALLY['failed']}").write_bytes(damaged)


@scene
def damage_is_found_by_both_verifiers_or_means_the_same():
    if not TOOL.exists():
        skip("no verify_many in this build")
    run = fair.Fair(N_DEALS)
    files, trust = files_of(run), Trust.from_bytes(run.public_key.encode())
    many = Many(run.public_key)
    for name, data in files.items():
        said = {"python": _python(data, trust), "aicx": many.verify(data)}
        judge(name, "nothing", data, True, said)
    chance, names, blind = random.Random(SEED), list(files), 0
    meanings = {name: mutations.meaning(data) for name, data in files.items()}
    n_blind = max(N // 10, 200)
    for i in range(N):
        name = chance.choice(names)
        kind, damaged = mutations.mutate(SEED + i, files[name])
        same = mutations.meaning(damaged) == meanings[name]
        judge(name, kind, damaged, same, {"python": _python(damaged, trust),
                                          "aicx": many.verify(damaged)})
        if i < n_blind and not same:
            blind += verify([(name, damaged)], trust, ("hash",)).status == GOOD
    many.close()
    for what in sorted(what for what in TALLY if what not in ("passed", "failed")):
        print(f"# {TALLY[what]:6} {what}")
    print(f"# {blind:6} of {min(N, n_blind)} missed by a verifier that checks no hash")
    TALLY["passed" if blind > 0 else "failed"] += 1
    print(f"# seed {SEED}")
    that(TALLY["failed"] == 0, f"{TALLY['failed']} of {N} got past a verifier")


def _python(data, trust):
    verdict = verify([("it", data)], trust)
    return verdict.status, next((line for line in verdict.lines if line.startswith("BAD")),
                                verdict.lines[-1])


if __name__ == "__main__":
    STATUS = main(__doc__, [])
    print(f"{TALLY['passed']} passed, {TALLY['failed']} failed")
    sys.exit(STATUS)
