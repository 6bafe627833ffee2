# SPDX-License-Identifier: Apache-2.0
"""scene_prices.py - contracts outlive a policy's file, and currencies have 0 to 9 decimals."""
import sys

from aicx_scene import Daemon, balanced, equal, main, place, scene, that, using, wire
from aicx_scene.crypto import b64, sha256

NEED = "text.echo"
OLD = "return { price = function(usage) return 700 + usage.units end }\n"
NEW = "return { price = function(usage) return 900 end }\n"
CURRENCIES = """[currency "AIC"]
scale = 6
[currency "JPY"]
scale = 0
[currency "NANO"]
scale = 9
"""


def dynamic(source):
    return wire.dump({"pricing": {"model": "dynamic", "base_cost": wire.money("0.01 AIC"),
                                  "policy_sha256": b64(sha256(source.encode()))}})


class Pair:
    """A buyer and a seller whose keys the broker keeps, and what they agree on."""

    def __init__(self, broker):
        self.broker = broker
        self.seller = broker.seller("echo", NEED, "0.001 AIC")
        self.buyer = broker.agent("buyer", funds="1.00 AIC")

    def propose(self, terms):
        return self.buyer.rest.post("/v1/contracts", {
            "provider_id": self.seller.id, "capability": NEED, "terms": terms,
            "max_executions": 9, "expires": wire.at(600)})

    def agree(self, terms):
        contract = self.propose(terms).ok()["contract_id"]
        for rest in (self.buyer.rest, self.seller.rest):
            rest.post(f"/v1/contracts/{contract}/signatures", {}).ok()
        return contract

    def work(self, contract):
        """What one execution costs."""
        return self.buyer.rest.post(f"/v1/contracts/{contract}/executions",
                                    {"input": "x"}).ok()["price"]["amount"]

    def verified(self, deal_id, *words):
        path, key = self.broker.home / "deal", self.broker.home / "key"
        path.write_text(self.broker.operator.get(f"/v1/deals/{deal_id}/file").ok_text())
        key.write_text(self.broker.public_key())
        report = self.broker.cli("verify", str(path), "--trust", str(key))
        for word in words:
            that(word in report, report)


@scene
def a_contract_is_billed_by_the_policy_it_was_made_under():
    broker = using(Daemon({"price.lua": OLD,
                           "51-policy.conf": '[hook lua "price"]\nfile = price.lua\n'}))
    pair = Pair(broker)
    contract = pair.agree(dynamic(OLD))
    deal = pair.buyer.rest.get("/v1/deals").ok()["deals"][0]["deal_id"]
    equal(pair.work(contract), "0.000701")
    (broker.conf / "price.lua").write_text(NEW)
    broker.reload()
    broker.event("conf.reloaded")
    equal(pair.work(contract), "0.000701", "after a reload")
    pair.propose(dynamic(OLD)).refused(400, "invalid_params")
    equal(pair.work(pair.agree(dynamic(NEW))), "0.000900", "a new contract")
    broker.restart()
    equal(pair.work(contract), "0.000701", "after a restart, from the kept source")
    pair.verified(deal, "bill: 0.000701 AIC, recomputed from terms and usage")
    balanced(broker)


@scene
def currencies_have_no_decimals_or_nine():
    broker = using(Daemon({"35-currencies.conf": "", "30-economy.conf":
                           (place.CONF / "30-economy.conf").read_text().replace(
                               '[currency "AIC"]\nscale = 6\n', CURRENCIES)}))
    pair = Pair(broker)
    for amount, price, finer in (("1000 JPY", "7 JPY", "7.5 JPY"),
                                 ("1 NANO", "0.000000007 NANO", "0.0000000075 NANO")):
        broker.operator.post(f"/v1/accounts/{pair.buyer.id}/fund",
                             {"amount": wire.money(amount), "reference": "x"}).ok()
        broker.operator.post(f"/v1/accounts/{pair.buyer.id}/fund",
                             {"amount": wire.money(finer), "reference": "y"}
                             ).refused(400, "invalid_amount")
        equal(pair.work(pair.agree(wire.per_call_terms(price))), price.split()[0])
        pair.propose(wire.per_call_terms(finer)).refused(400, "invalid_amount")
        deal = pair.buyer.rest.get("/v1/deals").ok()["deals"][0]["deal_id"]
        pair.verified(deal, f"bill: {price}, recomputed")


if __name__ == "__main__":
    sys.exit(main(__doc__))
