# SPDX-License-Identifier: Apache-2.0
"""scene_audit.py - who did what, to what, when, and how it ended; refusals too."""
import json
import subprocess
import sys

from aicx_scene import Daemon, equal, main, place, scene, that, using

NEED = "text.echo"


class World:
    def __init__(self):
        self.broker = using(Daemon())
        self.seller = self.broker.seller("echo", NEED, "0.001 AIC")
        self.buyer = self.broker.agent("buyer", funds="1.00 AIC")
        self.buyer.mandate(NEED, "0.01 AIC", "1.00 AIC", max_deals=1000)

    def broker_fails(self, *args, status=None, identity=None):
        """What aicx says on its way to a failure."""
        done = subprocess.run(
            [place.AICX, "--broker", f"http://{self.broker.address}", "--identity",
             identity or self.broker.data / "operator.identity", *args], check=False,
            capture_output=True, text=True, env=dict(self.broker.env, HOME=str(self.broker.home)))
        that(done.returncode != 0 and status in (None, done.returncode), done)
        return done.stdout + done.stderr

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


def judged(world, *files, status=0):
    """What both verifiers say of files, offline."""
    trust = world.broker.home / "broker.key"
    trust.write_text(world.key + "\n")
    said = world.broker.cli("verify", *map(str, files), "--trust", str(trust), status=status)
    other = subprocess.run([sys.executable, "-B", place.SRC / "tests/verifier/aicx_verify.py",
                            *map(str, files), "--trust", trust], check=False, capture_output=True,
                           text=True)
    equal(other.returncode, status, said + other.stdout)
    return said


@scene
def records_are_exported_and_verify_by_themselves():
    world = World()
    world.key = world.broker.public_key()
    world.buy()
    home = world.broker.home
    world.broker.cli("audit", "export", "--save", str(home / "all.jsonl"))
    world.broker.cli("audit", "export", "--after", "3", "--save", str(home / "some.jsonl.gz"))
    middle = trail(world.broker.operator)[2]["timestamp"]
    late = world.broker.cli("audit", "export", "--from", middle)
    that(all(json.loads(line)["time"] >= middle for line in late.splitlines()[1:-1]), late)
    (home / "late.jsonl").write_text(late)
    world.broker.stop()
    said = judged(world, home / "all.jsonl", home / "some.jsonl.gz", home / "late.jsonl")
    that("chained without a gap" in said, said)
    lines = (home / "all.jsonl").read_bytes().split(b"\n")
    (home / "short.jsonl").write_bytes(b"\n".join(lines[:5] + lines[6:]))
    that("stands after record" in judged(world, home / "short.jsonl", status=1), "a record is missing")
    (home / "other.jsonl").write_bytes(b"\n".join(lines).replace(b'"deal.open"', b'"deal.oven"'))
    that("but the hash" in judged(world, home / "other.jsonl", status=1), "a record was changed")
    (home / "end.jsonl").write_bytes(b"\n".join(lines[:-3] + lines[-2:]))
    judged(world, home / "end.jsonl", status=1)
    packed = (home / "some.jsonl.gz").read_bytes()
    (home / "cut.jsonl.gz").write_bytes(packed[:-20])
    judged(world, home / "cut.jsonl.gz", status=2)


@scene
def an_archive_goes_on_where_it_ended_and_forgets_what_is_too_old():
    world = World()
    world.key = world.broker.public_key()
    broker, folder = world.broker, world.broker.home / "archive"
    that("cannot open the archive" in world.broker_fails("audit", "archive", str(folder)), "no folder")
    folder.mkdir()
    broker.cli("audit", "archive", str(folder))
    equal(list(folder.iterdir()), [], "all of it is young")
    broker.cli("audit", "archive", str(folder), "--hot", "1ms")
    first = sorted(folder.iterdir())
    equal(len(first), 1)
    world.buy()
    broker.cli("audit", "archive", str(folder), "--hot", "1ms")
    both = sorted(folder.iterdir())
    equal((len(both), both[0]), (2, first[0]))
    judged(world, *both)
    ends = [path.name.split("-")[1:3] for path in both]
    equal(int(ends[1][0]), int(ends[0][1]) + 1, "without a gap")
    old = both[0].rename(folder / f"audit-{ends[0][0]}-{ends[0][1]}-000100.jsonl.gz")
    broker.cli("audit", "archive", str(folder), "--hot", "1ms", "--keep", "7d")
    that(not old.exists() and both[1].exists(), list(folder.iterdir()))
    that("cannot read the duration" in world.broker_fails(
        "audit", "archive", str(folder), "--hot", "soon", status=64), "soon")
    agent = broker.home / "agent.identity"
    agent.write_text(json.dumps({"agent_id": world.buyer.id, "api_key": world.buyer.api_key}))
    agent.chmod(0o600)
    said = world.broker_fails("audit", "archive", str(folder), identity=agent)
    that("needs audit.export" in said, said)


if __name__ == "__main__":
    sys.exit(main(__doc__))
