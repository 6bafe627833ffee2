# SPDX-License-Identifier: Apache-2.0
"""scene_bearer.py - one bearer key is enough to buy, a mailbox is enough to sell."""
import json
import sys

from aicx_scene import Daemon, Deal, equal, main, scene, that, using, wire


@scene
def curl_with_a_bearer_key_buys_under_a_standing_mandate_from_a_mailbox_seller():
    broker = using(Daemon())
    seller = broker.seller("shouter", "text.shout", "0.001 AIC")
    seller.work = lambda execute: execute["input"].upper()
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("text.shout", "0.01 AIC", "0.02 AIC", max_deals=2)

    wish = {"need": "text.shout", "input": "hello", "max_price": wire.money("0.01 AIC")}
    call = ("/v1/deals", "-H", f"Authorization: Bearer {buyer.api_key}", "-H",
            "Content-Type: application/json", "-H", "Idempotency-Key: one", "-d", wire.dump(wish))
    status, body = broker.curl(*call)
    equal(status, 200, body)
    deal = json.loads(body)
    equal((deal["state"], deal["result"], deal["provider_id"]), ("settled", "HELLO", seller.id))
    equal(float(deal["price"]["amount"]), 0.001)

    # Again: the same answer, no second charge.
    equal(broker.curl(*call), (status, body))
    equal(float(buyer.balance()["spent"]), 0.001)
    equal(float(seller.balance()["earned"]), 0.001)

    held = Deal(buyer.rest.get(f"/v1/deals/{deal['deal_id']}/file").ok_text())
    that(held.chained(), "the records of the deal follow each other")
    equal([move[0] for move in held.moves() if move[0] in ("reserve", "post")], ["reserve", "post"])


@scene
def a_mandate_that_is_used_up_buys_nothing():
    broker = using(Daemon())
    broker.seller("echo", "text.echo", "0.001 AIC")
    buyer = broker.agent("buyer", funds="1.00 AIC")
    buyer.mandate("text.echo", "0.01 AIC", "1.00 AIC", max_deals=1)
    buyer.buy("text.echo", "one", "0.01 AIC").ok()
    before = buyer.balance()
    that(buyer.buy("text.echo", "two", "0.01 AIC").status >= 400, "the second deal is refused")
    equal(buyer.balance(), before)


@scene
def without_money_nothing_is_held_and_the_reason_is_said():
    broker = using(Daemon())
    broker.seller("echo", "text.echo", "0.001 AIC")
    buyer = broker.agent("buyer")
    buyer.mandate("text.echo", "0.01 AIC", "1.00 AIC")
    buyer.buy("text.echo", "one", "0.01 AIC").refused(402, "insufficient_funds")


@scene
def a_wrong_key_is_told_so_and_nothing_else():
    broker = using(Daemon())
    stranger = broker.rest("aicx_" + "A" * 43)
    equal(stranger.post("/v1/deals", {"need": "x"}).status, 401)
    equal(broker.rest().post("/v1/deals", {"need": "x"}).status, 401)


if __name__ == "__main__":
    sys.exit(main(__doc__))
