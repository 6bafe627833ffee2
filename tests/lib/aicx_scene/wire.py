# SPDX-License-Identifier: Apache-2.0
"""wire.py - envelopes, signed objects and session keys, as an agent makes and reads them."""
import datetime
import hmac
import json
import re
import secrets
import time

from . import crypto

NIL = "00000000-0000-0000-0000-000000000000"
TYPES = ("QUERY", "OFFER", "EXECUTE", "RESULT", "ERROR", "ACK", "HEARTBEAT")
_END = re.compile(rb'^(.*),"signature":"(ed25519|hmac-sha256):([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)"\}\Z',
                  re.DOTALL)


class Refused(Exception):
    """A message or object that breaks a rule; .word is the rule's stable word."""

    def __init__(self, word, detail=""):
        super().__init__(f"{word}: {detail}" if detail else word)
        self.word = word


def new_id():
    """A UUIDv7."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    number = number & ~(0xF << 76) | 7 << 76
    text = f"{number & ~(0x3 << 62) | 2 << 62:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def at(offset_s=0.0):
    """Now, or so many seconds from now, as the wire writes it."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def money(text):
    """"0.01 AIC" as the wire's object."""
    amount, currency = text.split()
    return {"amount": amount, "currency": currency}


# --- envelopes -----------------------------------------------------------------

def head(sender, receiver, kind, payload, **more):
    """The text before the signature's comma.  more: id, timestamp, correlation_id, ..."""
    members = {"id": more.pop("id", None) or new_id(), "version": "1.0",
               "timestamp": more.pop("timestamp", None) or at(),
               "sender_id": sender, "receiver_id": receiver, "type": kind}
    members.update({name: value for name, value in more.items() if value is not None})
    members["payload"] = payload
    return dump(members)[:-1]


def _close(text, signature):
    return f'{text},"signature":"{signature}"}}'


def sign_key(text, key):
    """Ends a head() with an Ed25519 signature."""
    signature = key.sign("envelope", (text + "}").encode())
    return _close(text, f"ed25519:{key.id}:{crypto.b64(signature)}")


def sign_mac(text, mac_key, mac_id):
    """Ends a head() with a MAC under a session's or an API key's key."""
    value = crypto.mac(mac_key, "envelope", (text + "}").encode())
    return _close(text, f"hmac-sha256:{mac_id}:{crypto.b64(value)}")


class Envelope:
    """A message that was read: .text, .alg, .key_id and its members as attributes."""

    def __init__(self, text, alg, key_id, members):
        self.text, self.alg, self.key_id = text, alg, key_id
        self.id, self.type = members["id"], members["type"]
        self.sender_id, self.receiver_id = members["sender_id"], members["receiver_id"]
        self.correlation_id = members.get("correlation_id")
        self.payload, self.members = members["payload"], members

    @property
    def method(self):
        return self.payload.get("method")

    def __repr__(self):
        return f"<{self.type} {dump(self.payload)}>"


def _once(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise Refused("malformed", "a member stands twice")
    return dict(pairs)


def read(text, secret_of):
    """Checks and reads one message.

    secret_of(alg, key_id) gives (owner's id, public key or MAC key), or None when
    the key is unknown.
    """
    data = text.encode() if isinstance(text, str) else text
    found = _END.match(data)
    if not found:
        raise Refused("malformed", "no signature at the end")
    signed, alg, key_id = found[1] + b"}", found[2].decode(), found[3].decode()
    try:
        signature = crypto.unb64(found[4].decode())
    except ValueError as error:
        raise Refused("malformed", str(error)) from error
    owner, secret = secret_of(alg, key_id) or (None, None)
    if owner is None:
        raise Refused("bad_signature", f'unknown key "{key_id}"')
    good = crypto.verify(secret, "envelope", signed, signature) if alg == "ed25519" \
        else hmac.compare_digest(crypto.mac(secret, "envelope", signed), signature)
    if not good:
        raise Refused("bad_signature")
    try:
        members = json.loads(data, object_pairs_hook=_once)
        dump(members).encode()  # refuses lone surrogates
    except ValueError as error:
        raise Refused("malformed", str(error)) from error
    if members.get("version") != "1.0":
        raise Refused("unsupported_version")
    if members.get("type") not in TYPES or not isinstance(members.get("payload"), dict):
        raise Refused("malformed", "type or payload")
    if members.get("sender_id") != owner:
        raise Refused("sender_mismatch")
    return Envelope(data.decode(), alg, key_id, members)


# --- signed objects ------------------------------------------------------------

def sign_object(key, kind, **members):
    """{"text","key_id","signature"} over {"kind":kind,"id":...,members}."""
    text = dump({"kind": kind, "id": members.pop("id", None) or new_id(), **members})
    return {"text": text, "key_id": key.id,
            "signature": crypto.b64(key.sign(kind, text.encode()))}


def read_object(signed, kind, public):
    """The members of a signed object, when it is one of that kind under that key."""
    try:
        signature = crypto.unb64(signed["signature"])
    except ValueError as error:
        raise Refused("malformed", str(error)) from error
    if signed["key_id"] != crypto.key_id(public) or \
            not crypto.verify(public, kind, signed["text"].encode(), signature):
        raise Refused("bad_signature")
    members = json.loads(signed["text"], object_pairs_hook=_once)
    if members.get("kind") != kind:
        raise Refused("malformed", "kind")
    return members


def per_call_terms(price, **more):
    """The exact text of terms with a price for each call; price as "0.001 AIC"."""
    return dump({"pricing": {"model": "per_call", "base_cost": money(price)}, **more})


# --- MAC keys ------------------------------------------------------------------

class MacKeys:
    """One key for each direction, and the id messages name them by."""

    def __init__(self, mac_id, ikm, salt, subject):
        self.id = mac_id
        self.to_broker = crypto.hkdf(ikm, salt, f"aiconexus {subject} v1 agent to broker".encode())
        self.to_agent = crypto.hkdf(ikm, salt, f"aiconexus {subject} v1 broker to agent".encode())


def api_key_macs(api_key, credential_id):
    return MacKeys(credential_id, api_key.encode(), b"", "api key")


def session_macs(seed, peer, challenge, opened, result, session_id):
    """From the X25519 halves and the three messages' texts as they were sent."""
    secret = crypto.x25519_shared(seed, peer)
    salt = crypto.sha256("\n".join((challenge, opened, result)).encode())
    return MacKeys(session_id, secret, salt, "session")
