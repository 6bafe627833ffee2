# SPDX-License-Identifier: Apache-2.0
"""scene_master.py - secrets on disk: sealed under a master key, which comes from outside."""
import base64
import json
import os
import shutil
import sys
import threading

from aicx_scene import (Daemon, Key, Late, broker_conf, equal, eventually, main, scene, that,
                        using)
from aicx_scene import crypto


def new_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def with_source(source, **more):
    return Daemon({"40-broker.conf": broker_conf(master_key=source)}, **more)


def ends(broker, why, status=78):
    """It does not start, says why, and leaves the files as they were."""
    before = files_of(broker)
    try:
        broker.start()
    except Late:
        pass
    equal(broker.process.wait(30), status)
    that(why in broker.event("broker.refused")["reason"], broker.log())
    equal(files_of(broker), before)


def files_of(broker):
    return {path.name: path.read_bytes() for path in broker.data.iterdir()
            if path.suffix in (".identity", ".key") and path.is_file()}


def still_signs(agent):
    """What was sealed opens: a message under its API key's MAC keys is known."""
    equal(agent.send("HEARTBEAT", {})["type"], "ACK")


@scene
def no_key_lies_open_in_the_data_folder():
    broker = using(Daemon())
    keys = json.loads((broker.data / "broker.identity").read_text())
    equal(sorted(keys), ["broker_id", "keys", "public_key", "sealed_under"])
    equal(keys["public_key"], broker.public_key())
    equal((broker.data / "master.key").stat().st_mode & 0o777, 0o600)


@scene
def another_master_key_is_refused_and_nothing_changed():
    broker = using(Daemon())
    who = broker.broker_id
    broker.stop()
    path = broker.data / "master.key"
    right = path.read_text()
    path.write_text(new_key() + "\n")
    ends(broker, "is not the one given")
    path.write_text(right.strip()[:-1] + "\n")
    ends(broker, "line 1 is no key")
    path.write_text("# none\n")
    ends(broker, "there is no master key")
    path.unlink()
    ends(broker, "no master key in")
    path.write_text(right)
    path.chmod(0o640)
    ends(broker, "can be read by others")
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, 65534, -1)
        ends(broker, "belongs to user 65534")
        os.chown(path, 0, -1)
    path.unlink()
    path.mkdir()
    ends(broker, "is no file")
    path.rmdir()
    path.write_text(right)
    path.chmod(0o600)
    broker.start()
    equal(broker.broker_id, who)


@scene
def the_key_comes_from_a_credential_or_the_environment():
    broker = using(with_source("env:SCENE_MASTER", env={"SCENE_MASTER": new_key()}))
    who = broker.broker_id
    environ = open(f"/proc/{broker.process.pid}/environ", "rb").read()
    that(broker.env["SCENE_MASTER"].encode() not in environ, "it is wiped")
    that(not (broker.data / "master.key").exists(), "it lies nowhere")
    key = broker.env.pop("SCENE_MASTER")
    broker.stop()
    ends(broker, 'no master key in "env:SCENE_MASTER"')
    folder = broker.home / "credentials"
    folder.mkdir()
    (folder / "master").write_text(key + "\n")
    (folder / "master").chmod(0o440)
    broker.env["CREDENTIALS_DIRECTORY"] = str(folder)
    (broker.conf / "40-broker.conf").write_text(broker_conf(master_key="credential:master"))
    broker.start()
    equal(broker.broker_id, who)
    broker.stop()
    del broker.env["CREDENTIALS_DIRECTORY"]
    ends(broker, 'no master key in "credential:master"')
    (broker.conf / "40-broker.conf").write_text(broker_conf(master_key="vault:master"))
    status, said = broker.check()
    equal(status, 78)
    that("use file:PATH, credential:NAME or env:NAME" in said, said)
    broker.env["CREDENTIALS_DIRECTORY"] = str(folder)
    (broker.conf / "40-broker.conf").write_text(broker_conf(master_key="credential:master"))
    broker.start()


@scene
def a_key_put_before_the_old_one_takes_its_place_at_a_reload():
    broker = using(Daemon())
    before = broker.agent("before")
    path = broker.data / "master.key"
    old, new = path.read_text(), new_key() + "\n"
    path.write_text(new + old)
    broker.reload()
    broker.event("master_key.changed")
    after = broker.agent("after")
    broker.stop()
    path.write_text(old)
    ends(broker, "is not the one given")
    path.write_text(new)
    broker.start()
    still_signs(before)
    still_signs(after)


@scene
def a_new_key_is_made_under_load_and_no_record_is_rewritten():
    broker = using(Daemon())
    broker.seller("echo", "text.echo", "0.001 AIC")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("text.echo", "0.01 AIC", "1.00 AIC", max_deals=1000)
    bought, over = [], threading.Event()

    def buying():
        while not over.is_set():
            bought.append(buyer.buy("text.echo", "hello", "0.01 AIC").ok()["deal_id"])
    thread = threading.Thread(target=buying)
    thread.start()
    keys = set()
    try:
        for i in range(3):
            keys.add((broker.data / "master.key").read_text())
            equal(json.loads(broker.cli("-o", "json", "master", "rotate"))["data_keys"], i + 2)
            n_bought = len(bought)
            eventually(lambda n=n_bought: len(bought) > n, "it goes on buying")
    finally:
        over.set()
        thread.join()
    keys.add((broker.data / "master.key").read_text())
    equal(len(keys), 4)
    buyer.rest.post("/v1/master-key/rotation", {}).refused(403, "denied")
    after = broker.agent("after")
    note = broker.rest().get("/v1/ledger/checkpoint").ok()["checkpoint"].split("\n")
    broker.restart()
    still_signs(buyer)
    still_signs(after)
    proof = broker.rest().get(f"/v1/ledger/consistency?from={note[1]}").ok()
    equal(proof["from"].split("\n")[:3], note[:3])


@scene
def a_rotation_that_a_crash_cut_short_is_finished_at_the_start():
    broker = using(Daemon())
    agent = broker.agent("one")
    path = broker.data / "master.key"
    old = path.read_text()
    ring = (broker.data / "broker.identity").read_text()
    broker.cli("master", "rotate")
    new = path.read_text()
    broker.kill()
    for keys, identity in [(new + old, ring), (new + old, None)]:
        path.write_text(keys)
        if identity:
            (broker.data / "broker.identity").write_text(identity)
        broker.start()
        still_signs(agent)
        broker.kill()
    path.write_text(new)
    broker.start()
    still_signs(agent)


@scene
def where_the_broker_does_not_keep_the_key_it_makes_none():
    broker = using(with_source("env:SCENE_MASTER", env={"SCENE_MASTER": new_key()}))
    broker.operator.post("/v1/master-key/rotation", {}).refused(409, "wrong_state")


@scene
def a_broker_whose_keys_lay_open_seals_them_at_its_next_start():
    broker = using(Daemon())
    broker.stop()
    shutil.rmtree(broker.data / "store")
    broker.data.joinpath("master.key").unlink()
    seed = new_key()
    path = broker.data / "broker.identity"
    path.write_text(json.dumps({"broker_id": broker.broker_id, "private_key": seed,
                                "master_key": new_key()}))
    who = broker.broker_id
    broker.start()
    equal((broker.broker_id, broker.public_key()), (who, crypto.b64(Key(crypto.unb64(seed)).public)))
    that(seed not in path.read_text(), path.read_text())
    agent = broker.agent("one")
    broker.restart()
    still_signs(agent)


if __name__ == "__main__":
    sys.exit(main(__doc__))
