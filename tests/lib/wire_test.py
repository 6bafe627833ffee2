# SPDX-License-Identifier: Apache-2.0
"""wire_test.py - the scenes' own cryptography and framing against golden vectors."""
import json
import sys

from aicx_scene import crypto, place, websocket, wire
from aicx_scene.runner import equal, main, refused, scene, skip



def vectors():
    path = place.VECTORS / "wire/wire.json"
    if not path.exists():
        skip("no vectors")
    return json.loads(path.read_text())


@scene
def keys_ids_and_public_halves_follow_from_seeds():
    for party in vectors()["parties"].values():
        key = crypto.Key(crypto.unb64(party["seed"]))
        equal(crypto.b64(key.public), party["public_key"])
        equal(key.id, party["key_id"])


def session_of(given):
    result = json.loads(given["result"])["payload"]
    return wire.session_macs(crypto.unb64(given["x25519_seed_agent"]), crypto.unb64(result["x25519"]),
                             given["challenge"], given["open"], given["result"], result["session_id"])


@scene
def session_keys_follow_from_the_three_messages():
    given = vectors()["session"]
    macs = session_of(given)
    equal(crypto.b64(macs.to_broker), given["agent_to_broker"])
    equal(crypto.b64(macs.to_agent), given["broker_to_agent"])
    equal(macs.id, given["session_id"])
    changed = dict(given, open=given["open"].replace("05.700Z", "05.701Z"))
    equal(session_of(changed).to_broker == macs.to_broker, False)


@scene
def an_all_zero_shared_secret_is_refused():
    refused(ValueError, crypto.x25519_shared, bytes(range(32)), bytes(32))


@scene
def api_key_macs_follow_from_its_text():
    given = vectors()["api_key"]
    macs = wire.api_key_macs(given["api_key"], given["credential_id"])
    equal(crypto.b64(macs.to_broker), given["agent_to_broker"])
    equal(crypto.b64(macs.to_agent), given["broker_to_agent"])


@scene
def every_golden_envelope_is_judged_as_written():
    given = vectors()
    alice = given["parties"]["alice"]["id"]
    known = {party["key_id"]: (party["id"], crypto.unb64(party["public_key"]))
             for party in given["parties"].values()}
    for macs in (session_of(given["session"]),
                 wire.api_key_macs(given["api_key"]["api_key"], given["api_key"]["credential_id"])):
        known[macs.id] = (alice, macs.to_broker)
    broker = given["parties"]["broker"]["id"]

    def judge(text):
        try:
            envelope = wire.read(text, lambda _alg, key_id: known.get(key_id))
        except wire.Refused as error:
            return error.word
        return "sender_mismatch" if envelope.sender_id == broker else "valid"

    for case in given["envelopes"]:
        equal(judge(case["message"]), case["want"], case["name"])


@scene
def what_is_signed_here_is_byte_for_byte_the_golden_text():
    given = vectors()
    for case in given["envelopes"]:
        if case["name"] != "ed25519 query":
            continue
        golden = json.loads(case["message"])
        text = wire.head(golden["sender_id"], golden["receiver_id"], golden["type"], golden["payload"],
                         id=golden["id"], timestamp=golden["timestamp"])
        key = crypto.Key(crypto.unb64(given["parties"]["alice"]["seed"]))
        equal(wire.sign_key(text, key), case["message"])


@scene
def every_golden_object_is_judged_as_written():
    given = vectors()
    bob = crypto.unb64(given["parties"]["bob"]["public_key"])
    for case in given["signed_objects"]:
        word = "valid"
        try:
            wire.read_object(case["object"], case["kind"], bob)
        except wire.Refused as error:
            word = error.word
        equal(word, case["want"], case["name"])


@scene
def an_object_signed_here_is_read_here_and_no_other_kind():
    key = crypto.Key()
    signed = wire.sign_object(key, "offer", terms_sha256="x")
    equal(wire.read_object(signed, "offer", key.public)["terms_sha256"], "x")
    refused(wire.Refused, wire.read_object, signed, "contract", key.public)


@scene
def ids_are_uuid_version_7_and_times_have_milliseconds():
    one = wire.new_id()
    equal((len(one), one[14], one[19] in "89ab"), (36, "7", True))
    equal((len(wire.at()), wire.at()[-1]), (24, "Z"))


@scene
def websocket_frames_are_those_of_rfc_6455():
    # RFC 6455 sections 1.3 and 5.7.
    equal(websocket.accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    mask = bytes.fromhex("37fa213d")
    equal(websocket.frame(websocket.TEXT, b"Hello", mask).hex(), "818537fa213d7f9f4d5158")
    equal(websocket.frame(websocket.BINARY, bytes(256), None)[:4].hex(), "827e0100")
    equal(websocket.frame(websocket.BINARY, bytes(65536), None)[:10].hex(), "827f0000000000010000")


if __name__ == "__main__":
    sys.exit(main(__doc__))
