# SPDX-License-Identifier: Apache-2.0
"""scene_life.py - a broker starts, serves, is killed, comes back, is told to end."""
import subprocess
import sys

from aicx_scene import Daemon, equal, main, scene, that, using


@scene
def a_broker_says_when_it_is_ready_and_serves():
    broker = using(Daemon())
    equal(broker.rest().get("/healthz").status, 200)
    equal(broker.rest().get("/readyz").status, 200)
    about = broker.rest().get("/.well-known/aiconexus").ok()
    equal(about["broker_id"], broker.broker_id)


@scene
def a_killed_broker_comes_back_as_the_same_one():
    broker = using(Daemon())
    before = broker.broker_id, broker.public_key(), broker.identity()
    broker.restart()
    equal((broker.broker_id, broker.public_key(), broker.identity()), before)


@scene
def the_operators_identity_is_for_its_owner_alone():
    broker = using(Daemon())
    equal((broker.data / "operator.identity").stat().st_mode & 0o777, 0o600)


@scene
def a_wrong_configuration_is_refused_with_its_place():
    broker = using(Daemon())
    (broker.conf / "99-wrong.conf").write_text('[pricing flat "wrong"]\nper_cal = 1 AIC\n')
    status, said = broker.check()
    equal(status, 78)
    that("99-wrong.conf:2:1" in said, said)
    that("per_call" in said, said)


@scene
def a_second_broker_on_the_same_folder_is_refused():
    broker = using(Daemon())
    second = subprocess.run(broker.command(), env=broker.env, check=False, timeout=30, text=True,
                            capture_output=True)
    that(second.returncode not in (0, None), "the second ends")
    said = second.stdout + second.stderr
    that("another broker has it open" in said and "store" in said, said)
    equal(broker.rest().get("/readyz").status, 200)
    broker.restart()


if __name__ == "__main__":
    sys.exit(main(__doc__))
