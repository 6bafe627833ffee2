# SPDX-License-Identifier: Apache-2.0
"""scene_signed.py - REST with signed requests (RFC 9421) instead of a bearer key."""
import base64
import hashlib
import hmac
import json
import secrets
import sys
import time

from aicx_scene import Daemon, Key, equal, main, raw, scene, that, using, wire

COVERED = ("@method", "@authority", "@path")


def field(data):
    return ":" + base64.b64encode(data).decode() + ":"


class Signer:
    """Signs requests under an API key's MAC key or an agent's own key."""

    def __init__(self, broker, key_id, alg, sign):
        self.broker, self.key_id, self.alg, self.sign = broker, key_id, alg, sign
        self.rest = broker.rest()

    def fields(self, method, path, body=b"", **more):
        """The fields of a signed request; more: created, covered, params, digest, headers."""
        path, _, query = path.partition("?")
        headers = dict(more.get("headers") or {})
        covered = list(more.get("covered") or COVERED)
        if query and "covered" not in more:
            covered.append("@query")
        if body:
            headers["Content-Digest"] = "sha-256=" + field(
                hashlib.sha256(more.get("digest", body)).digest())
        covered += [name.lower() for name in headers if "covered" not in more]
        values = {"@method": method, "@authority": self.broker.address, "@path": path,
                  "@query": "?" + query, **{name.lower(): headers[name] for name in headers}}
        created = more.get("created", int(time.time()))
        params = "(" + " ".join(f'"{name}"' for name in covered) + ")" + more.get(
            "params", f';created={created};keyid="{self.key_id}";alg="{self.alg}"'
                      f';nonce="{secrets.token_hex(8)}"')
        base = "".join(f'"{name}": {values[name]}\n' for name in covered)
        base += f'"@signature-params": {params}'
        return {**headers, "Signature-Input": "sig1=" + params,
                "Signature": "sig1=" + field(self.sign(base.encode()))}

    def request(self, method, path, body=None, **more):
        data = wire.dump(body).encode() if body is not None else b""
        return self.rest.request(method, path, data or None,
                                 headers=self.fields(method, path, data, **more))


def by_api_key(broker, agent, api_key=None, credential=None):
    macs = wire.api_key_macs(api_key or agent.api_key, credential or agent.macs.id)
    return Signer(broker, macs.id, "hmac-sha256",
                  lambda base: hmac.new(macs.to_broker, base, "sha256").digest())


def by_own_key(broker, agent, key=None):
    return Signer(broker, agent.id, "ed25519", lambda base: (key or agent.key).sign_plain(base))


def two_signers():
    """(broker, one signer of each kind)"""
    broker = using(Daemon())
    kept = broker.agent("kept", funds="1.00 AIC")
    own = broker.session()
    own.call("discovery.register", {"name": "own"})
    return broker, (by_api_key(broker, kept), kept.id), (by_own_key(broker, own), own.id)


@scene
def signed_requests_speak_for_who_signed_them():
    broker, *signers = two_signers()
    for signer, agent_id in signers:
        told = signer.request("GET", "/v1/credentials/current").ok()
        equal((told["agent_id"], told["role"]), (agent_id, "agent"))
        signer.request("GET", "/v1/deals?limit=5").ok()
        made = signer.request("POST", "/v1/budgets", {"amount": wire.money("0.10 AIC")},
                              headers={"Idempotency-Key": "one"}).ok()
        again = signer.request("POST", "/v1/budgets", {"amount": wire.money("0.10 AIC")},
                               headers={"Idempotency-Key": "one"})
        equal((again.ok(), again.headers.get("Idempotency-Replayed")), (made, "true"))
    broker.rest().get("/v1/deals").refused(401, "unauthenticated")


@scene
def what_is_altered_or_signed_badly_is_refused_by_name():
    broker, *signers = two_signers()
    money = {"amount": wire.money("0.10 AIC")}
    for signer, _ in signers:
        def refused(word, method, path, body=None, signer=signer, **more):
            answer = signer.request(method, path, body, **more)
            equal((answer.status >= 400, answer.code), (True, word), answer)

        now = int(time.time())
        fields = signer.fields("GET", "/v1/deals")
        equal(broker.rest().request("GET", "/v1/contracts", headers=fields).code, "bad_signature")
        equal(broker.rest().request("DELETE", "/v1/deals", headers=fields).status, 405)
        refused("stale", "GET", "/v1/deals", created=now - 3600)
        refused("stale", "GET", "/v1/deals", created=now + 3600)
        refused("stale", "GET", "/v1/deals",
                params=f';keyid="{signer.key_id}";alg="{signer.alg}"')
        refused("stale", "GET", "/v1/deals",
                params=f';created={now};expires={now - 1};keyid="{signer.key_id}"')
        refused("bad_signature", "GET", "/v1/deals", covered=("@method", "@path"))
        refused("bad_signature", "GET", "/v1/deals?limit=5", covered=COVERED)
        refused("bad_signature", "POST", "/v1/budgets", money, covered=COVERED)
        refused("bad_signature", "POST", "/v1/budgets", money, digest=b"{}")
        refused("bad_signature", "GET", "/v1/deals",
                params=f';created={now};keyid="{wire.new_id()}"')
        refused("malformed", "GET", "/v1/deals",
                params=f';created={now};keyid="{signer.key_id}";alg="rsa-v1_5-sha256"')
        other = "ed25519" if signer.alg != "ed25519" else "hmac-sha256"
        refused("bad_signature", "GET", "/v1/deals",
                params=f';created={now};keyid="{signer.key_id}";alg="{other}"')
        answer = signer.request("GET", "/v1/deals", created=now - 3600)
        that("the broker's time is 20" in answer.json["detail"], answer.json["detail"])


@scene
def the_same_signature_is_taken_once():
    broker, *signers = two_signers()
    for signer, _ in signers:
        fields = signer.fields("GET", "/v1/deals")
        broker.rest().request("GET", "/v1/deals", headers=fields).ok()
        broker.rest().request("GET", "/v1/deals", headers=fields).refused(409, "conflict")


@scene
def strangers_and_revoked_keys_sign_for_nobody():
    broker = using(Daemon())
    agent = broker.agent("agent")
    made = agent.rest.post("/v1/credentials", {"kind": "api_key", "permissions": ["deal.read"]}).ok()
    signer = by_api_key(broker, agent, made["api_key"], made["credential_id"])
    signer.request("GET", "/v1/deals").ok()
    signer.request("GET", f"/v1/budgets/{agent.id}").refused(403, "denied")
    agent.rest.delete(f"/v1/credentials/{made['credential_id']}").ok()
    signer.request("GET", "/v1/deals").refused(401, "bad_signature")
    own = broker.session()
    own.call("discovery.register", {"name": "own"})
    by_own_key(broker, own, Key()).request("GET", "/v1/deals").refused(401, "bad_signature")
    # The broker keeps this agent's key: nobody signs under it from outside.
    agent.key = Key()
    by_own_key(broker, agent).request("GET", "/v1/deals").refused(401, "bad_signature")
    answer = raw(broker.address, b"GET /v1/deals HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                 b"Signature-Input: sig1=();created=1\r\nSignature-Input: a=()\r\n"
                 b"Signature: sig1=:AAAA:\r\n\r\n").decode()
    that('"malformed"' in answer, answer)
    equal(json.loads(answer.split("\r\n\r\n", 1)[1])["status"], 400)


if __name__ == "__main__":
    sys.exit(main(__doc__))
