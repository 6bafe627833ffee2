# SPDX-License-Identifier: Apache-2.0
"""terms.py - what was agreed: what it costs at most, and what a piece of work costs."""
from .strict import INT_MAX, NANO, Broken, parse_object, read

PRICING = {"model": "str", "base_cost": "money?", "unit_cost": "money?", "unit": "str?",
           "subscription_cost": "money?", "subscription_period": "str?", "policy_sha256": "hash?"}
SLA = {"max_latency_ms": "int?", "min_uptime_ppm": "int?", "max_error_ppm": "int?",
       "penalty_per_ms": "money?", "penalty_cap": "money?", "bonus_cap": "money?"}
TERMS = {"pricing": "dict", "sla": "dict?", "timeout_ms": "int?", "max_units": "int?",
         "payment_method": "str?", "acceptance": "str?", "cancel_fee": "money?", "bond": "money?"}
LINE = {"label": "str", "quantity": "number", "each": "money", "amount": "money"}
MODELS = ("per_call", "per_unit", "subscription", "dynamic")
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
                   if hasattr(value, "nano")]
        self.currency = amounts[0].currency
        for amount in amounts:
            scales.fits(amount, what)
            if amount.currency != self.currency:
                raise Broken(f"{what}: amounts in {self.currency} and {amount.currency}")

    @property
    def unit(self):
        return (self.pricing["unit"] or "calls") if self.model == "per_unit" else "calls"

    def _nano(self, amount):
        return amount.nano if amount else 0

    def ceiling(self, max_units):
        """In 10^-9: the most one execution can cost."""
        pricing = self.pricing
        if self.model == "subscription":
            total = self._nano(pricing["subscription_cost"]) + self._nano(pricing["base_cost"])
        else:
            total = self._nano(pricing["base_cost"])
        if self.model == "per_unit":
            total += self._nano(pricing["unit_cost"]) * max_units
        return max(total + self._nano(self.sla["bonus_cap"]), self._nano(self.cancel_fee))

    def lines(self, units):
        """[(label, quantity, each in 10^-9, amount)] of a fixed model; None when only
        the policy knows."""
        if self.model == "per_call":
            return [("base", 1, self._nano(self.pricing["base_cost"]))]
        if self.model == "per_unit":
            return [("base", 1, self._nano(self.pricing["base_cost"])),
                    ("units", units, self._nano(self.pricing["unit_cost"]))]
        return None


class Bill:
    """A bill as it stands in a row: lines, total and fee in one currency."""

    def __init__(self, said, scales, what):
        bill = read(said, {"lines": "list", "total": "money", "fee": "money"}, what)
        self.lines = [read(line, LINE, what + ": a line") for line in bill["lines"]]
        self.total, self.fee, self.what = bill["total"], bill["fee"], what
        for money in [self.total, self.fee, *(line[name] for line in self.lines
                                              for name in ("each", "amount"))]:
            scales.check(money, what)
            if money.currency != self.total.currency:
                raise Broken(f"{what}: amounts in {money.currency} and {self.total.currency}")

    def check(self, terms, units, ceiling, need):
        """Against the terms; gives False when the price was not recomputed."""
        for line in self.lines:
            product = line["each"].nano * line["quantity"]
            need("bill", product == line["amount"].nano and product <= INT_MAX * 10 ** NANO,
                 f"{self.what}: line {line['label']} is not quantity x each")
        total = sum(line["amount"].nano for line in self.lines)
        need("bill", self.total.nano == min(max(total, 0), ceiling.nano),
             f"{self.what}: its lines do not add up to {self.total}")
        need("bill", self.fee.nano <= self.total.nano, f"{self.what}: the fee is more than the total")
        need("bill", self.total.currency == ceiling.currency, f"{self.what}: another currency")
        wanted = terms.lines(units)
        if wanted is None:
            return False
        said = [(line["label"], line["quantity"], line["each"].nano) for line in self.lines]
        need("bill", said == wanted, f"{self.what}: its lines are {said}, the terms give {wanted}")
        return True
