# SPDX-License-Identifier: Apache-2.0
"""scene_audit.py - who did what, to what, when, and how it ended; refusals too."""
import sys

from aicx_scene import Daemon, equal, main, scene, that, using

NEED = "text.echo"


class World:
    def __init__(self):
        self.broker = using(Daemon())
        self.seller = self.broker.seller("echo", NEED, "0.001 AIC")
        self.buyer = self.broker.agent("buyer", funds="1.00 AIC")
        self.buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=1000)

    def buy(self):
        return self.buyer.buy(NEED, "hello", "0.01 AIC").ok()["deal_id"]


def trail(rest, **query):
    """All pages of a trail, newest first."""
    events, more = [], ""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    while True:
        page = rest.get(f"/v1/audit?{asked}{more}").ok()
        events += page["events"]
        if "cursor" not in page:
            return events
        more = f"&cursor={page['cursor']}"


@scene
def a_deal_is_in_the_trail_of_its_parties_and_of_no_other():
    world = World()
    deal = world.buy()
    mine = trail(world.buyer.rest)
    actions = [event["action"] for event in mine if event.get("deal_id") == deal]
    that("deal.open" in actions, mine)
    that(all(event["actor_id"] == world.buyer.id for event in mine), mine)
    asked = next(event for event in mine if event["action"] == "deal.open")
    equal((asked["resource"].split("/")[0], asked["result"]), ("intent", "success"))
    that("correlation_id" in asked and asked["timestamp"].endswith("Z"), asked)
    records = [event["record"] for event in mine]
    equal(records, sorted(set(records), reverse=True), "newest first, once each")
    both = trail(world.seller.rest, deal_id=deal)
    equal({event["deal_id"] for event in both}, {deal})
    that(len({event["actor_id"] for event in both}) > 1, both)
    stranger = world.broker.agent("stranger")
    stranger.rest.get(f"/v1/audit?agent_id={world.buyer.id}").refused(403, "denied")
    stranger.rest.get(f"/v1/audit?deal_id={deal}").refused(404, "not_found")
    world.broker.rest().get("/v1/audit").refused(401, "unauthenticated")
    that(not trail(stranger.rest), "it did nothing")
    everything = trail(world.broker.operator)
    that({event["record"] for event in mine} < {event["record"] for event in everything},
         everything)


@scene
def a_trail_is_asked_for_by_time_and_in_pages():
    world = World()
    world.buy()
    whole = trail(world.buyer.rest)
    equal(trail(world.buyer.rest, limit=1), whole)
    middle = whole[len(whole) // 2]["timestamp"]
    late = trail(world.buyer.rest, **{"from": middle})
    early = trail(world.buyer.rest, to=middle)
    equal(late + early, whole)
    that(early and late, middle)
    that(all(event["timestamp"] >= middle for event in late), late)
    equal(trail(world.buyer.rest, to="2001-01-01T00:00:00Z"), [])
    for wrong in ("limit=0", "limit=201", "cursor=0", "from=now", "agent_id=1"):
        world.buyer.rest.get(f"/v1/audit?{wrong}").refused(400, "invalid_params")
    world.broker.restart()
    equal(trail(world.buyer.rest), whole)
    world.broker.stop()
    world.broker.args.append("--rebuild")
    world.broker.start()
    equal(trail(world.buyer.rest), whole)


@scene
def refusals_are_counted_and_told_in_one_record():
    world = World()
    broker = world.broker
    before = broker.rest().get("/v1/ledger/checkpoint").ok()["checkpoint"].split("\n")[1]
    for i in range(50):
        world.buyer.rest.post(f"/v1/accounts/{world.buyer.id}/fund", {
            "amount": {"amount": "1.0", "currency": "AIC"}, "reference": f"r{i}"}).refused(
                403, "denied")
        broker.rest("aicx_" + "A" * 43).get("/v1/deals").refused(401, "unauthenticated")
    events = [event for event in trail(broker.operator) if event["result"] == "failure"]
    mine = [event for event in events if event.get("actor_id") == world.buyer.id]
    equal({(event["action"], event["cause"]) for event in mine}, {("economics.fund", "denied")})
    equal(sum(event["count"] for event in mine), 50)
    theirs = [event for event in events if event["cause"] == "unauthenticated"]
    equal(sum(event["count"] for event in theirs), 50)
    equal({event["address"] for event in theirs}, {"127.0.0.1"})
    seen = [event for event in trail(world.buyer.rest) if event["result"] == "failure"]
    equal(seen, mine)
    that(all("address" not in event for event in seen), "of others nothing")
    after = broker.rest().get("/v1/ledger/checkpoint").ok()["checkpoint"].split("\n")[1]
    that(int(after) - int(before) < 10, f"{before} to {after}: not a record for each")
    world.broker.restart()
    equal([event for event in trail(world.buyer.rest) if event["result"] == "failure"], mine)


@scene
def the_operator_puts_an_event_on_record():
    world = World()
    operator = world.broker.operator
    said = operator.post("/v1/audit", {"action": "badge.checked", "resource": "room/7",
                                       "result": "failure", "details": {"door": 3}}).ok()
    event = next(event for event in trail(operator) if event["record"] == said["record"])
    equal((event["action"], event["resource"], event["result"], event["details"]),
          ("badge.checked", "room/7", "failure", {"door": 3}))
    world.buyer.rest.post("/v1/audit", {"action": "x"}).refused(403, "denied")
    operator.post("/v1/audit", {"action": ""}).refused(400, "invalid_params")
    operator.post("/v1/audit", {"action": "x", "result": "maybe"}).refused(400, "invalid_params")
    operator.post("/v1/audit", {"action": "x", "details": "y" * 5000}).refused(400, "invalid_params")
    world.broker.restart()
    equal(next(event for event in trail(operator) if event["record"] == said["record"]), event)


if __name__ == "__main__":
    sys.exit(main(__doc__))
