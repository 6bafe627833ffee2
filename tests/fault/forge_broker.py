# SPDX-License-Identifier: Apache-2.0
"""forge_broker.py - a broker that lies with its own key: N forgeries of a real run's
deals, each of which both verifiers have to find.

    forge_broker.py [N]        or N in the environment; SEED chooses other ones
"""
import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "verifier"), str(HERE.parent / "lib")]

# pylint: disable=wrong-import-position
from aicx_scene import main, place, runner, scene, skip, that

import fair
import forgeries
from aicxv import BROKEN, GOOD, Trust, verify

N = int(next((arg for arg in sys.argv[1:] if arg.isdigit()), os.environ.get("N", "60")))
SEED = int(os.environ.get("SEED", "1"))
N_DEALS = 12
NEEDS_CLAIM = ("offer_dropped", "offer_invented_with_its_seller")
TALLY = collections.Counter()
runner.SCENE_SECONDS += N // 2


class Verifiers:
    """Both, over the same files under the broker's true key."""

    def __init__(self, run, folder):
        self.folder = pathlib.Path(folder)
        self.trust = Trust.from_bytes(run.public_key.encode())
        self.key = self.folder / "key"
        self.key.write_text(run.public_key + "\n")

    def python(self, files, without=()):
        verdict = verify([(f"file {i}", data) for i, data in enumerate(files)], self.trust, without)
        return verdict.status, "\n".join(verdict.lines[-2:])

    def aicx(self, files):
        paths = [self.folder / f"file{i}" for i in range(len(files))]
        for path, data in zip(paths, files):
            path.write_bytes(data)
        done = subprocess.run([place.AICX, "verify", *paths, "--trust", self.key], text=True,
                              check=False, capture_output=True, timeout=60)
        return done.returncode, (done.stdout + done.stderr)[-300:]


def judge(verifiers, files, wanted, what):
    """Counts one case: both verifiers have to say what is wanted."""
    said = {"python": verifiers.python(files), "aicx": verifiers.aicx(files)}
    wrong = {name: text for name, (status, text) in said.items() if status != wanted}
    TALLY["passed" if not wrong else "failed"] += 1
    if wrong:
        TALLY[f"{what}: " + " and ".join(wrong)] += 1
        if TALLY[what] < 3:
            print(f"not ok - {what}: {wrong}")
        TALLY[what] += 1
    return said


def forge(run, chance, name=None):
    """(name, files) of a forgery that fits one of the deals."""
    while True:
        function = chance.choice([one for one in forgeries.FORGERIES
                                  if name in (None, one.__name__)])
        deal = forgeries.Deal(run, run.honest.copy(), chance.choice(run.deals), chance)
        files = function(deal)
        if files is not None:
            return function.__name__, files


@scene
def every_forgery_is_found_by_both_verifiers():
    if not place.AICX.exists():
        skip("no aicx in this build")
    run = fair.Fair(N_DEALS)
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="aicx-forge-") as folder:
        verifiers = Verifiers(run, folder)
        control(run, verifiers)
        kinds, found = collections.Counter(), {}
        names = [one.__name__ for one in forgeries.FORGERIES]
        for i in range(N):
            name, files = forge(run, chance, names[i % len(names)])
            said = judge(verifiers, files, BROKEN, name)
            kinds[name] += 1
            found.setdefault(name, said["python"][1].replace("\nbroken", ""))
        for name in sorted(kinds):
            print(f"# {kinds[name]:5} {name}: {found[name]}")
        positive_control(run, verifiers, chance)
    for what, n in TALLY.items():
        if ":" in what:
            print(f"# missed {n} times: {what}")
    print(f"# seed {SEED}")
    that(TALLY["failed"] == 0, f"{TALLY['failed']} of {N} forgeries were not found by both")


def control(run, verifiers):
    """What is honest is good to both, as it came and made anew."""
    honest = [[data] for data in run.files.values()] + [[data] for data in run.receipts]
    honest += [[run.honest.deal_file(deal_id, run.mandates)] for deal_id in run.deals]
    honest += [[run.honest.ledger()], [run.honest.consistency(5, 20)], run.checkpoints,
               [*run.files.values(), *run.receipts, run.honest.ledger()]]
    for files in honest:
        judge(verifiers, files, GOOD, "honest")


def positive_control(run, verifiers, chance):
    """Without the claim that binds a seller to its contract, these pass: the check is what
    finds them."""
    for name in NEEDS_CLAIM:
        _, files = forge(run, chance, name)
        status, text = verifiers.python(files, ("claim",))
        TALLY["passed" if status == GOOD else "failed"] += 1
        if status != GOOD:
            print(f"not ok - {name} is found without the claim: {text}")


if __name__ == "__main__":
    STATUS = main(__doc__, [])
    print(f"{TALLY['passed']} passed, {TALLY['failed']} failed")
    sys.exit(STATUS)
