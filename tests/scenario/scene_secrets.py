# SPDX-License-Identifier: Apache-2.0
"""scene_secrets.py - what is secret stands in no log, no record and no answer but the one it is
shown in."""
import json
import sys

from aicx_scene import Daemon, main, scene, that, using


def forms(text):
    """A secret as it may stand somewhere: itself, and in hex."""
    text = text.encode()
    return [text, text.hex().encode()]


def files(broker):
    for path in sorted(broker.data.rglob("*")):
        if path.is_file() and path.name != "operator.identity" and "ballast" not in path.name:
            yield path


def nowhere(broker, secrets):
    """None of them, in any form, in the log or in the data folder."""
    for name, secret in secrets.items():
        for form in forms(secret):
            that(form.decode() not in "\n".join(broker.lines), f"{name} is in the log")
            for path in files(broker):
                that(form not in path.read_bytes(), f"{name} is in {path.name}")


@scene
def secrets_are_in_no_log_and_in_no_record():
    broker = using(Daemon(conf={"10-log.conf": "[log]\nlevel = debug\n"}))
    identity = broker.identity()
    agent = broker.agent("buyer", funds="1.00 AIC")
    session = broker.session().sell("text.echo", "0.001 AIC")
    agent.mandate("text.echo", "0.01 AIC", "0.10 AIC")
    agent.buy("text.echo", "hello", "0.01 AIC").ok()
    # What is wrong is told without what was given.
    almost = agent.api_key[:-1] + ("A" if agent.api_key[-1] != "A" else "B")
    broker.rest(almost).get("/v1/deals").refused(401, "unauthenticated")
    agent.rest.post("/v1/credentials", {"agent_id": agent.id, "kind": agent.api_key})
    secrets = {"the operator's API key": identity["api_key"],
               "the operator's private key": identity["private_key"],
               "an API key": agent.api_key, "an API key that is nobody's": almost}
    nowhere(broker, secrets)
    session.stop()
    broker.stop()
    nowhere(broker, secrets)
    # The search itself finds what is there.
    (broker.data / "leak").write_text(json.dumps({"key": agent.api_key}))
    try:
        nowhere(broker, secrets)
    except AssertionError as found:
        that("leak" in str(found), found)
    else:
        that(False, "a key that lies there was not found")


if __name__ == "__main__":
    sys.exit(main(__doc__))
