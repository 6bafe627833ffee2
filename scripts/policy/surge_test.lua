-- SPDX-License-Identifier: Apache-2.0
-- surge_test.lua - what surge.lua has to answer.

local function ask(load, budget)
	return {
		intent = {
			need = "text.check",
			max_price = { minor = budget or 10000, currency = "AIC" },
		},
		me = { load = load, price = { minor = 2500, currency = "AIC" } },
		now = "2026-01-05T09:00:00Z",
	}
end

return {
	{ name = "an idle seller asks the list price", hook = "offer",
		args = ask(0), want = { base_cost = 2500 } },
	{ name = "one job adds a tenth", hook = "offer",
		args = ask(1), want = { base_cost = 2750 } },
	{ name = "ten jobs double it", hook = "offer",
		args = ask(10), want = { base_cost = 5000 } },
	{ name = "it never more than doubles", hook = "offer",
		args = ask(19), want = { base_cost = 5000 } },
	{ name = "a full seller refuses", hook = "offer",
		args = ask(20), want = { refuse = "busy with 20 jobs" } },
	{ name = "a budget that suffices is used", hook = "offer",
		args = ask(10, 5000), want = { base_cost = 5000 } },
	{ name = "one that does not is refused", hook = "offer",
		args = ask(10, 4999), want = { refuse = "the budget is below today's price" } },
}
