# SPDX-License-Identifier: Apache-2.0
"""bills.py PROGRAM [N]: random terms, usage and holds through the broker's code
(PROGRAM: bills_run), against bills computed here, in decimals and from
abi/wire/protocol.md alone.  Every line, total, fee and ceiling has to be equal,
and every refusal has to be one.  SEED=n repeats a run."""
import concurrent.futures
import decimal
import json
import os
import random
import subprocess
import sys
import time
from decimal import Decimal

decimal.getcontext().prec = 120
decimal.getcontext().traps[decimal.Inexact] = False

BATCH = 10000
SHOWN = 5
INT64 = 2**63 - 1
LIMIT = 2**127
PARTS = 1000
PERIODS = ("daily", "monthly", "yearly")


def text_of(minor, scale):
    """An amount as its owner might write it: all decimals, or fewer."""
    text = format(Decimal(minor).scaleb(-scale), f".{scale}f")
    return text


class Case:
    """One question, and what the answer has to be."""

    def __init__(self, dice):
        self.dice = dice
        self.scale = dice.randrange(10)
        self.code = f"C{self.scale}"
        self.costs = {}

    def money(self, minor):
        text = text_of(minor, self.scale)
        if "." in text and self.dice.random() < 0.3:
            text = text.rstrip("0").rstrip(".")
        return {"amount": text, "currency": self.code}

    def minor(self):
        """Small, middling, anything, and at the edge of 64 bits."""
        dice = self.dice
        kind = dice.randrange(8)
        if kind == 0:
            return dice.choice((0, 1, 2, 5, 999, 1000, 1001))
        if kind == 1:
            return INT64 - dice.randrange(3)
        return dice.randrange(10 ** dice.randrange(1, 19))

    def cost(self, into, name, chance=1.0):
        if self.dice.random() < chance:
            minor = self.minor()
            self.costs[name] = minor
            into[name] = self.money(minor)

    def make(self):
        dice = self.dice
        pricing, sla = {}, {}
        model = dice.choice(("per_call", "per_unit", "subscription"))
        pricing["model"] = model
        self.cost(pricing, "base_cost", 0.5 if model == "subscription" else 1)
        self.included = None
        if model == "per_unit":
            self.cost(pricing, "unit_cost")
        elif model == "subscription":
            self.cost(pricing, "subscription_cost")
            pricing["subscription_period"] = dice.choice(PERIODS)
            if dice.random() < 0.7:
                self.cost(pricing, "unit_cost")
                self.included = dice.choice((0, 1, 100, dice.randrange(10**9)))
                pricing["included_units"] = self.included
        self.promised = None
        if dice.random() < 0.6:
            self.promised = dice.choice((0, 1, dice.randrange(86400001)))
            sla["max_latency_ms"] = self.promised
            self.cost(sla, "penalty_per_ms", 0.9)
            self.cost(sla, "penalty_cap", 1 if self.costs.get("penalty_per_ms") else 0.5)
        self.cost(sla, "bonus_cap", 0.6)
        self.terms = {"pricing": pricing, **({"sla": sla} if sla else {})}
        self.model = model
        self.units = dice.choice((0, 1, dice.randrange(1000), dice.randrange(10**9)))
        if dice.random() < 0.02:
            self.units = INT64 - dice.randrange(3)
        self.latency = dice.choice((0, dice.randrange(100), dice.randrange(10**9)))
        if self.promised is not None and dice.random() < 0.3:
            self.latency = self.promised + dice.randrange(5)
        self.quality = dice.choice((None, 0, 1, 333, 500, 999, 1000, dice.randrange(1001)))
        self.before = None if dice.random() < 0.4 else dice.randrange(2 * 10**9)
        self.hold = self.minor()
        self.fee_ppm = dice.choice((0, 1, 25000, 1000000, dice.randrange(1000001)))
        self.max_units = dice.choice((0, 1, dice.randrange(10**9)))
        self.error = None
        if dice.random() < 0.04:
            self.spoil()
        return self

    def spoil(self):
        """One thing wrong; the word that refuses it."""
        dice = self.dice
        pricing = self.terms["pricing"]
        name = dice.choice([n for n in pricing if n.endswith("_cost")] or [None])
        kind = dice.randrange(9)
        if name is None or kind == 0:
            pricing["model"] = dice.choice(("per_month", "", "Per_call"))
            self.error = "invalid_params"
        elif kind == 1:
            whole, _, rest = pricing[name]["amount"].partition(".")
            pricing[name]["amount"] = f"{whole}.{rest.ljust(self.scale, '0')}1"
            self.error = "invalid_amount"
        elif kind == 2:
            pricing[name]["amount"] = "-" + pricing[name]["amount"]
            self.error = "invalid_amount"
        elif kind == 3:
            self.terms.setdefault("sla", {})["bonus_cap"] = {
                "amount": "1", "currency": f"C{(self.scale + 1) % 10}"}
            self.error = "invalid_params"
        elif kind == 4:
            pricing[name]["amount"] = text_of(INT64 + 1 + dice.randrange(10**6), self.scale)
            self.error = "invalid_amount"
        elif kind == 5:
            self.quality = dice.choice((-2, 1001, INT64, -INT64))
            self.error = "invalid"
        elif kind == 6:
            self.units = -1 - dice.randrange(5)
            self.error = "invalid"
        elif kind == 7:
            pricing["included_units" if self.model != "subscription" else
                    "subscription_period"] = 10 if self.model != "subscription" else "weekly"
            self.error = "invalid_params"
        else:
            self.terms.setdefault("sla", {})["penalty_per_ms"] = self.money(1)
            self.terms["sla"].pop("penalty_cap", None)
            self.error = "invalid_params"

    def question(self):
        more = {}
        if self.quality is not None:
            more["quality"] = str(self.quality)
        if self.before is not None:
            more["used_before"] = self.before
        return json.dumps({
            "terms": self.terms, "units": str(self.units), "latency_ms": self.latency, **more,
            "hold": {"amount": text_of(self.hold, self.scale), "currency": self.code},
            "fee_ppm": self.fee_ppm, "max_units": self.max_units}, separators=(",", ":"))

    # --- the bill, from the page ---------------------------------------------

    def cost_of(self, name):
        return Decimal(self.costs.get(name, 0)).scaleb(-self.scale)

    def beyond(self, before, units):
        return max(0, before + units - max(before, self.included))

    def lines(self):
        """(label, quantity, per, each) in the page's order."""
        if self.model == "subscription":
            if self.before is None:
                yield "subscription", 1, 1, self.cost_of("subscription_cost")
            if "base_cost" in self.costs:
                yield "base", 1, 1, self.cost_of("base_cost")
            if self.included is not None:
                yield ("units", self.beyond(self.before or 0, self.units), 1,
                       self.cost_of("unit_cost"))
        else:
            yield "base", 1, 1, self.cost_of("base_cost")
            if self.model == "per_unit":
                yield "units", self.units, 1, self.cost_of("unit_cost")
        yield from self.service()

    def service(self):
        each, cap = self.cost_of("penalty_per_ms"), self.cost_of("penalty_cap")
        if self.promised is not None and self.latency > self.promised and each and cap:
            late = self.latency - self.promised
            if late * each > cap:
                yield "penalty", 1, 1, -cap
            else:
                yield "penalty", late, 1, -each
        if self.quality is not None and self.cost_of("bonus_cap"):
            yield "bonus", self.quality, 1000, self.cost_of("bonus_cap")

    def overflows(self, lines):
        if (self.model == "subscription" and self.units + (self.before or 0) > INT64):
            return True
        total = 0
        for _, quantity, per, each in lines:
            parts = int(each.scaleb(self.scale)) * quantity * (PARTS // per)
            total += parts
            if not (-LIMIT <= parts < LIMIT and -LIMIT <= total < LIMIT):
                return True
        return False

    def ceiling(self):
        base, bonus = self.cost_of("base_cost"), self.cost_of("bonus_cap")
        unit, most = self.cost_of("unit_cost"), self.max_units
        edge = Decimal(INT64).scaleb(-self.scale)
        if self.model == "per_call":
            sums = [base, base + bonus]
        elif self.model == "per_unit":
            sums = [unit * most, base + unit * most, base + unit * most + bonus]
        else:
            first, later = self.cost_of("subscription_cost"), Decimal(0)
            if self.included is not None:
                later = unit * most
                first += unit * max(0, most - self.included)
            larger = max(first, later)
            sums = [later, first, larger + base, larger + base + bonus]
        return None if max(sums) > edge else sums[-1]

    # --- comparing -----------------------------------------------------------

    def exact(self, value, digits):
        return {"amount": format(value, f".{digits}f"), "currency": self.code}

    def expected(self):
        lines = list(self.lines()) if self.error is None else []
        if self.error is None and self.overflows(lines):
            self.error = "limit"
        if self.error is not None:
            return {"error": self.error}
        minor = Decimal(1).scaleb(-self.scale)
        shown, total = [], Decimal(0)
        for label, quantity, per, each in lines:
            amount = each * quantity / per
            total += amount
            whole = amount == amount.quantize(minor)
            line = {"label": label, "quantity": quantity}
            if per != 1:
                line["per"] = per
            line["each"] = self.exact(each, self.scale)
            line["amount"] = self.exact(amount, self.scale if whole else self.scale + 3)
            shown.append(line)
        hold = Decimal(self.hold).scaleb(-self.scale)
        total = total.quantize(minor, decimal.ROUND_HALF_UP)  # away from zero
        total = min(max(total, Decimal(0)), hold)
        fee = (total * self.fee_ppm / 1000000).quantize(minor, decimal.ROUND_DOWN)
        ceiling = self.ceiling()
        return {"ceiling": None if ceiling is None else self.exact(ceiling, self.scale),
                "bill": {"lines": shown, "total": self.exact(total, self.scale),
                         "fee": self.exact(fee, self.scale)}}


def no_minus_zero(value):
    """-0 of a decimal is printed as 0 by those who count in integers."""
    if isinstance(value, dict):
        return {name: no_minus_zero(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [no_minus_zero(inner) for inner in value]
    if isinstance(value, str) and value[:1] == "-" and not value.strip("-0."):
        return value[1:]
    return value


def play(program, seed, n):
    """How many of n cases passed, refused ones among them, and what did not."""
    dice = random.Random(seed)
    cases = [Case(dice).make() for _ in range(n)]
    done = subprocess.run([program], input="\n".join(c.question() for c in cases) + "\n",
                          stdout=subprocess.PIPE, text=True, check=True)
    answers = done.stdout.splitlines()
    passed = refused = 0
    wrong = []
    if len(answers) != n:
        return 0, 0, [f"{len(answers)} answers to {n} questions"] * n
    for case, answer in zip(cases, answers):
        want, got = no_minus_zero(case.expected()), json.loads(answer)
        if got == want:
            passed += 1
            refused += case.error is not None
        else:
            wrong.append(f"{case.question()}\n  is     {answer}\n"
                         f"  wanted {json.dumps(want, separators=(',', ':'))}")
    return passed, refused, wrong


def main():
    program, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    seed = int(os.environ.get("SEED") or time.time())
    sizes = [min(BATCH, n - at) for at in range(0, n, BATCH)]
    passed = refused = failed = 0
    with concurrent.futures.ProcessPoolExecutor() as pool:
        jobs = [pool.submit(play, program, seed * 1000003 + i, size)
                for i, size in enumerate(sizes)]
        for job in jobs:
            good, no, wrong = job.result()
            for text in wrong[:max(0, SHOWN - failed)]:
                print("not ok -", text)
            passed, refused, failed = passed + good, refused + no, failed + len(wrong)
    print(f"# seed {seed}: {n} random bills, {refused} of them refused as they have to be")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
