# SPDX-License-Identifier: Apache-2.0
"""objects.py - signed objects: mandates, offers, contracts, delegations, usage claims."""
from . import crypto
from .strict import Broken, b64, parse_object, read

SIGNED = {"text": "str", "key_id": "str", "signature": "str"}
TEXTS = {
    "mandate": {
        "kind": "str", "id": "id", "broker_id": "id", "requester": "id", "need": "list",
        "max_each": "money", "max_total": "money", "max_deals": "int?", "not_before": "time?",
        "expires": "time?", "choose": "str?", "policy_sha256": "hash?", "custody": "str?"},
    "offer": {
        "kind": "str", "id": "id", "broker_id": "id", "intent_id": "id?", "capability": "str?",
        "provider_id": "id", "terms_sha256": "hash", "expires": "time", "standby_until": "time?"},
    "contract": {
        "kind": "str", "id": "id", "broker_id": "id", "deal_id": "id?", "intent_id": "id?",
        "offer_id": "id?", "mandate_id": "id?", "requester_id": "id", "provider_id": "id",
        "hold_id": "id?", "capability": "str", "terms_sha256": "hash", "ceiling": "money",
        "max_executions": "int", "choose": "dict?", "policy_sha256": "hash?", "custody": "dict?",
        "timeout_ms": "int?", "max_units": "int", "payment_method": "str?", "created": "time",
        "expires": "time", "delegate_id": "id?", "delegation_id": "id?"},
    "delegation": {
        "kind": "str", "id": "id", "broker_id": "id", "delegator": "id", "delegate": "id",
        "permissions": "list", "not_before": "time?", "expires": "time", "custody": "str?"},
    "usage": {
        "kind": "str", "id": "id?", "broker_id": "id?", "execution_id": "id", "units": "int",
        "contract_sha256": "hash?", "output_sha256": "hash?"},
}


def text_of(kind, text, broker_id, what):
    """The members of a signed text of this kind, for this broker."""
    found = read(parse_object(text, what), TEXTS[kind], what)
    if found["kind"] != kind:
        raise Broken(f'{what} is of kind "{found["kind"]}"')
    if found["broker_id"] not in (broker_id, None):
        raise Broken(f"{what} names another broker")
    return found


def check_signature(kind, signed, public, need, what):
    """signed: {"text", "key_id", "signature"}; public: the signer's key, None if unknown."""
    said = read(signed, SIGNED, what)
    try:
        signature = b64(said["signature"], 64)
        b64(said["key_id"], 32)
    except ValueError as error:
        raise Broken(f"{what}: {error}") from error
    if public is None:
        return said["text"]
    need("signature", said["key_id"] == crypto.key_id(public),
         f"{what} is signed by another key than its owner's")
    message = f"aiconexus {kind} v1\n".encode() + said["text"].encode()
    need("signature", crypto.signed_by(public, message, signature),
         f"{what}: the signature is wrong")
    return said["text"]
