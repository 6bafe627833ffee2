# SPDX-License-Identifier: Apache-2.0
"""delegation_test.py - an owner lets an agent buy for it; the file shows its word, and both
verifiers miss it when it is not the one."""
import copy
import json
import subprocess
import sys

from aicx_scene import Daemon, Key, equal, main, place, scene, that, using, wire

from aicxv import BROKEN, GOOD, Trust, verify

NEED = "text.echo"


class Household:
    """A broker, a seller, an owner with a key of its own, and a delegate with none."""

    def __init__(self):
        self.broker = using(Daemon())
        self.broker.seller("echo", NEED, "0.001 AIC")
        self.owner = self.broker.session()
        self.owner.call("discovery.register", {"name": "owner"})
        self.broker.operator.post(f"/v1/accounts/{self.owner.id}/fund", {
            "amount": wire.money("1.00 AIC"), "reference": "r"}).ok()
        self.delegate = self.broker.agent("delegate")
        self.mandate = self.owner.call("negotiation.grant_mandate", self.signed(
            "mandate", requester=self.owner.id, need=[NEED], max_each=wire.money("0.01 AIC"),
            max_total=wire.money("0.50 AIC"), max_deals=9, not_before=wire.at(-1),
            expires=wire.at(600), choose="lowest_price"))["mandate_id"]

    def signed(self, kind, key=None, **members):
        return wire.sign_object(key or self.owner.key, kind,
                                **{"broker_id": self.broker.broker_id, **members})

    def delegation(self, key=None, **members):
        return self.signed("delegation", key, **{
            "delegator": self.owner.id, "delegate": self.delegate.id,
            "permissions": ["deal.write", "deal.read"], "not_before": wire.at(-1),
            "expires": wire.at(600), **members})

    def buy(self):
        return self.delegate.buy(NEED, "hi", "0.01 AIC", mandate_id=self.mandate)

    def file(self, deal_id):
        return self.broker.operator.get(f"/v1/deals/{deal_id}/file").ok_text().encode()

    def verdicts(self, data):
        """(ours, theirs, what ours says): the other verifier's status, and aicx verify's."""
        trust = Trust.from_bytes(self.broker.public_key().encode())
        path, key = self.broker.home / "deal", self.broker.home / "key"
        path.write_bytes(data)
        key.write_text(self.broker.public_key())
        done = subprocess.run([place.AICX, "verify", path, "--trust", key], text=True, check=False,
                              capture_output=True)
        return verify([("deal", data)], trust).status, done.returncode, done.stdout


@scene
def a_delegate_buys_for_its_owner_and_the_file_shows_by_what_word():
    house = Household()
    house.buy().refused(403, "denied")
    given = house.owner.call("security.delegate", house.delegation())
    deal = house.buy().ok()
    equal((deal["state"], deal["result"]), ("settled", "hi"))
    spent = house.broker.operator.get(f"/v1/audit/balance/{house.owner.id}").ok()["spent"]
    equal(float(spent), 0.001)
    equal(house.delegate.rest.get(f"/v1/deals/{deal['deal_id']}").status, 200, "it may read it")
    listed = house.delegate.rest.get("/v1/permissions").ok()["permissions"]
    equal([(row["permission_id"], row["action"], row["delegated"]) for row in listed],
          [(given["delegation_id"], "write", True), (given["delegation_id"], "read", True)])

    data = house.file(deal["deal_id"])
    ours, theirs, said = house.verdicts(data)
    equal((ours, theirs), (GOOD, 0), said)
    that(f"let {house.delegate.id} buy for it" in said, said)

    # The deal stays what it was when the word is taken back; the next one is refused.
    house.owner.call("security.revoke_permission", {"permission_id": given["delegation_id"]})
    house.buy().refused(403, "denied")
    equal(house.verdicts(house.file(deal["deal_id"]))[:2], (GOOD, 0))
    house.broker.restart()
    house.buy().refused(403, "denied")
    equal(house.verdicts(house.file(deal["deal_id"]))[:2], (GOOD, 0))


@scene
def another_word_in_its_place_is_missed_by_neither_verifier():
    house = Household()
    given = house.owner.call("security.delegate", house.delegation())
    deal = house.buy().ok()
    good = json.loads(house.file(deal["deal_id"]))
    id_ = given["delegation_id"]
    cases = {
        "gone": None,
        "another's": house.delegation(id=id_, delegate=wire.new_id()),
        "expired": house.delegation(id=id_, not_before=wire.at(-99), expires=wire.at(-50)),
        "later": house.delegation(id=id_, not_before=wire.at(3000), expires=wire.at(6000)),
        "to read": house.delegation(id=id_, permissions=["deal.read"]),
        "of another id": house.delegation(),
        "for another broker": house.delegation(id=id_, broker_id=wire.new_id()),
        "signed by another": house.delegation(Key(), id=id_),
        "of another kind": house.signed("mandate", id=id_, delegator=house.owner.id,
                                        delegate=house.delegate.id, permissions=["deal.write"],
                                        expires=wire.at(600))}
    for name, other in cases.items():
        file = copy.deepcopy(good)
        if other is None:
            del file["delegation"]
        else:
            file["delegation"] = other
        ours, theirs, said = house.verdicts(json.dumps(file).encode())
        equal((name, ours, theirs), (name, BROKEN, 1), said)

    # Nor does one appear in a deal that the owner opened itself.
    own = house.owner.call("deal.buy", {"need": NEED, "input": "x", "mandate_id": house.mandate,
                                        "max_price": wire.money("0.01 AIC")})
    file = json.loads(house.file(own["deal_id"]))
    that("delegation" not in file, "none is there")
    file["delegation"] = good["delegation"]
    equal(house.verdicts(json.dumps(file).encode())[:2], (BROKEN, 1))


@scene
def a_word_that_is_not_good_is_refused_by_name():
    house = Household()

    def refused(word, signed):
        answer = house.owner.ask("security.delegate", signed)
        equal((answer.type, answer.payload.get("code")), ("ERROR", word), answer.payload)

    refused("bad_signature", house.delegation(Key()))
    refused("bad_signature", {**house.delegation(), "signature": house.delegation()["signature"]})
    refused("expired", house.delegation(not_before=wire.at(-99), expires=wire.at(-50)))
    refused("stale", house.delegation(not_before=wire.at(3000), expires=wire.at(6000)))
    refused("invalid_params", house.delegation(not_before=wire.at(9), expires=wire.at(8)))
    refused("invalid_params", house.delegation(broker_id=wire.new_id()))
    refused("invalid_params", house.delegation(permissions=[]))
    refused("invalid_params", house.delegation(permissions=["deal.eat"]))
    refused("invalid_params", house.delegation(delegate=house.owner.id))
    refused("not_found", house.delegation(delegate=wire.new_id()))
    for permission in ("money.issue", "credential.write", "permission.write"):
        refused("denied", house.delegation(permissions=[permission]))
    refused("denied", house.delegation(delegator=house.delegate.id, delegate=house.owner.id))
    refused("denied", {"delegation": {"delegate": house.delegate.id, "permissions": ["deal.read"],
                                      "expires": wire.at(60)}})
    once = house.delegation()
    house.owner.call("security.delegate", once)
    refused("already_exists", once)


@scene
def the_broker_signs_for_an_owner_whose_key_it_keeps():
    house = Household()
    owner = house.broker.agent("kept", funds="1.00 AIC")
    mandate = owner.mandate(NEED, "0.01 AIC", "0.50 AIC")
    made = owner.rest.post("/v1/delegations", {"delegation": {
        "delegate": house.delegate.id, "permissions": ["deal.write"],
        "expires": wire.at(600)}}).ok()
    equal(made["custody"], "broker")
    deal = house.delegate.buy(NEED, "hi", "0.01 AIC", mandate_id=mandate).ok()
    equal(house.verdicts(house.file(deal["deal_id"]))[:2], (GOOD, 0))
    house.delegate.rest.get(f"/v1/deals/{deal['deal_id']}").refused(404, "not_found")


if __name__ == "__main__":
    sys.exit(main(__doc__))
