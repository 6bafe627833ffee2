-- SPDX-License-Identifier: Apache-2.0
-- flat_test.lua - what flat.lua has to answer.

local function aic(minor)
	return { minor = minor, currency = "AIC" }
end

local function bill(units, terms, ceiling)
	return {
		usage = { calls = 1, units = units, latency_ms = 80 },
		terms = terms,
		ceiling = aic(ceiling),
		now = "2026-01-05T09:00:00Z",
	}
end

local function ask(budget)
	return {
		intent = { need = "text.check", max_price = aic(budget) },
		me = { load = 0, price = aic(2500), reputation = 4500, calls = 10 },
		now = "2026-01-05T09:00:00Z",
	}
end

return {
	{ name = "a base price alone is the bill", hook = "price",
		args = bill(7, { base_cost = aic(2500) }, 10000),
		want = { minor = 2500 } },
	{ name = "each unit adds its cost", hook = "price",
		args = bill(7, { base_cost = aic(2500), unit_cost = aic(10) }, 10000),
		want = { minor = 2570 } },
	{ name = "no unit, no unit cost", hook = "price",
		args = bill(0, { base_cost = aic(0), unit_cost = aic(10) }, 10000),
		want = { minor = 0 } },
	{ name = "the bill stops at the ceiling", hook = "price",
		args = bill(1000000, { base_cost = aic(2500), unit_cost = aic(10) }, 10000),
		want = { minor = 10000 } },
	{ name = "units beyond all measure are an error, not a small bill", hook = "price",
		args = bill(math.maxinteger, { base_cost = aic(1), unit_cost = aic(10) }, 10000),
		want = { error = "product is too large" } },
	{ name = "terms without a price are an error", hook = "price",
		args = bill(1, { model = "per_call" }, 10000),
		want = { error = "flat.lua:5" } },
	{ name = "the list price is offered", hook = "offer",
		args = ask(2500), want = { base_cost = 2500 } },
	{ name = "a budget below it is refused", hook = "offer",
		args = ask(2499), want = { refuse = "the budget is below the list price" } },
}
