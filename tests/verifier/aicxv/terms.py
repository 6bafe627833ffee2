# SPDX-License-Identifier: Apache-2.0
"""terms.py - what was agreed: what it costs at most, and what a piece of work costs."""
from .strict import Broken, parse_object, read

PRICING = {"model": "str", "base_cost": "money?", "unit_cost": "money?", "unit": "str?",
           "subscription_cost": "money?", "subscription_period": "str?", "included_units": "int?",
           "policy_sha256": "hash?"}
SLA = {"max_latency_ms": "int?", "min_uptime_ppm": "int?", "max_error_ppm": "int?",
       "penalty_per_ms": "money?", "penalty_cap": "money?", "bonus_cap": "money?"}
TERMS = {"pricing": "dict", "sla": "dict?", "timeout_ms": "int?", "max_units": "int?",
         "payment_method": "str?", "acceptance": "str?", "cancel_fee": "money?", "bond": "money?"}
LINE = {"label": "str", "quantity": "number", "per": "number?", "each": "line", "amount": "line"}
MODELS = ("per_call", "per_unit", "subscription", "dynamic")
PERIODS = {"daily": 10, "monthly": 7, "yearly": 4}  # how much of a day's text begins one
MEASURED = ("calls", "seconds", "bytes", "items")


class Terms:
    """The exact text of terms, read."""

    def __init__(self, text, scales, what):
        said = read(parse_object(text, what), TERMS, what)
        self.said, self.what = said, what
        self.pricing = read(said["pricing"], PRICING, what + ": pricing")
        self.sla = read(said["sla"] or {}, SLA, what + ": sla")
        self.cancel_fee, self.model = said["cancel_fee"], self.pricing["model"]
        if self.model not in MODELS:
            raise Broken(f'{what}: no pricing model "{self.model}"')
        wanted = {"subscription": ("subscription_cost", "subscription_period"),
                  "per_unit": ("base_cost", "unit_cost"),
                  "dynamic": ("base_cost", "policy_sha256")}.get(self.model, ("base_cost",))
        for name in wanted:
            if self.pricing[name] is None:
                raise Broken(f"{what}: {self.model} needs {name}")
        amounts = [value for part in (self.pricing, self.sla, said) for value in part.values()
                   if hasattr(value, "fine")]
        self.currency = amounts[0].currency
        for amount in amounts:
            scales.fits(amount, what)
            if amount.currency != self.currency:
                raise Broken(f"{what}: amounts in {self.currency} and {amount.currency}")

        if self.model == "subscription" and self.pricing["subscription_period"] not in PERIODS:
            raise Broken(f"{what}: an unknown subscription_period")

    @property
    def counts(self):
        """Units matter to the price."""
        return {"per_call": False, "per_unit": True, "dynamic": self.pricing["unit"] is not None,
                "subscription": self.pricing["unit_cost"] is not None}[self.model]

    @property
    def unit(self):
        return (self.pricing["unit"] or "calls") if self.counts else "calls"

    def period(self, time_text):
        """The start of the period that a time belongs to."""
        keep = PERIODS[self.pricing["subscription_period"]]
        return time_text[:keep] + "0000-01-01"[keep:] + "T00:00:00.000Z"

    def _fine(self, amount):
        return amount.fine if amount else 0

    def ceiling(self, max_units):
        """The most one execution can cost."""
        pricing, bonus = self.pricing, self._fine(self.sla["bonus_cap"])
        base, each = self._fine(pricing["base_cost"]), self._fine(pricing["unit_cost"])
        total = base if self.model == "dynamic" else base + bonus
        if self.model == "per_unit":
            total += each * max_units
        if self.model == "subscription":
            beyond = max(max_units - (pricing["included_units"] or 0), 0)
            total += max(self._fine(pricing["subscription_cost"]) + each * beyond, each * max_units)
        return max(total, self._fine(self.cancel_fee))

    def lines(self, units, latency_ms, used_before, answer):
        """[(label, quantity, per, each)]; used_before: None for the first use in a period;
        answer: what the policy of a dynamic price said."""
        if self.model == "dynamic":
            return [("policy", 1, 1, answer)]
        pricing, lines = self.pricing, []
        if self.model == "subscription" and used_before is None:
            lines.append(("subscription", 1, 1, pricing["subscription_cost"].fine))
        if pricing["base_cost"] is not None:
            lines.append(("base", 1, 1, pricing["base_cost"].fine))
        if self.model == "subscription":
            before, included = used_before or 0, pricing["included_units"] or 0
            units = max(before + units - included, 0) - max(before - included, 0)
        if self.counts:
            lines.append(("units", units, 1, pricing["unit_cost"].fine))
        return lines + self._penalty(latency_ms)

    def as_policy_sees(self, scales):
        """The signed prices among a policy's inputs."""
        def costs(part, names):
            return {name: scales.minor_money(part[name]) for name in names if part[name] is not None}
        sla = costs(self.sla, ("penalty_per_ms", "penalty_cap", "bonus_cap"))
        if self.sla["max_latency_ms"] is not None:
            sla["max_latency_ms"] = self.sla["max_latency_ms"]
        unit = {"unit": self.pricing["unit"]} if self.pricing["unit"] is not None else {}
        return costs(self.pricing, ("base_cost", "unit_cost")) | unit | {"sla": sla}

    def _penalty(self, latency_ms):
        late_ms = latency_ms - (self.sla["max_latency_ms"] or 0)
        each, most = self._fine(self.sla["penalty_per_ms"]), self._fine(self.sla["penalty_cap"])
        if self.sla["max_latency_ms"] is None or late_ms <= 0 or not each or not most:
            return []
        return [("penalty", 1, 1, -most)] if late_ms * each > most else \
            [("penalty", late_ms, 1, -each)]


class Bill:
    """A bill as it stands in a row: lines, total and fee in one currency."""

    def __init__(self, said, scales, what):
        bill = read(said, {"lines": "list", "total": "money", "fee": "money"}, what)
        self.lines = [read(line, LINE, what + ": a line") for line in bill["lines"]]
        self.total, self.fee, self.what = bill["total"], bill["fee"], what
        scales.check(self.total, what)
        scales.check(self.fee, what)
        self.minor = scales.fine(self.total.currency)
        for line in self.lines:
            if 1000 % (line["per"] or 1):
                raise Broken(f"{what}: a line per {line['per']}")
            scales.check(line["each"], what)
            part = line["amount"].fine % self.minor
            scales.check_decimals(line["amount"], 3 if part else 0, what)
        for money in [self.fee, *(line[name] for line in self.lines for name in ("each", "amount"))]:
            if money.currency != self.total.currency:
                raise Broken(f"{what}: amounts in {money.currency} and {self.total.currency}")

    def check(self, lines, ceiling, need):
        """Against the lines that the terms give."""
        for line in self.lines:
            need("bill", line["each"].fine * line["quantity"] == line["amount"].fine * (line["per"] or 1),
                 f"{self.what}: line {line['label']} is not quantity x each")
        exact = sum(line["amount"].fine for line in self.lines)
        minor = (2 * abs(exact) + self.minor) // (2 * self.minor)  # half away from zero
        total = min(max(minor if exact > 0 else -minor, 0) * self.minor, ceiling.fine)
        need("bill", self.total.fine == total, f"{self.what}: its lines do not add up to {self.total}")
        need("bill", self.fee.fine <= self.total.fine, f"{self.what}: the fee is more than the total")
        need("bill", self.total.currency == ceiling.currency, f"{self.what}: another currency")
        said = [(line["label"], line["quantity"], line["per"] or 1, line["each"].fine)
                for line in self.lines]
        need("bill", said == lines, f"{self.what}: its lines are {said}, the terms give {lines}")
