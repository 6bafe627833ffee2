-- SPDX-License-Identifier: Apache-2.0
-- cheapest_test.lua - what cheapest.lua has to answer.

local function offer(id, minor, reputation)
	return {
		offer_id = id,
		price = { minor = minor, currency = "AIC" },
		reputation = reputation,
		score = 500,
	}
end

local function choose(offers)
	return { offers = offers, mandate = {}, now = "2026-01-05T09:00:00Z" }
end

return {
	{ name = "the lowest price is taken", hook = "choose",
		args = choose { offer("a", 3, 5000), offer("b", 1, 100), offer("c", 2, 5000) },
		want = { offer_id = "b", reason = "lowest price of 3" } },
	{ name = "of equal prices the better reputation", hook = "choose",
		args = choose { offer("a", 1, 100), offer("b", 1, 200), offer("c", 1, 150) },
		want = { offer_id = "b" } },
	{ name = "of equal offers the first", hook = "choose",
		args = choose { offer("a", 1, 100), offer("b", 1, 100) },
		want = { offer_id = "a" } },
	{ name = "one offer is enough", hook = "choose",
		args = choose { offer("a", 9, 0) },
		want = { offer_id = "a", reason = "lowest price of 1" } },
	{ name = "none is refused", hook = "choose",
		args = choose {}, want = { refuse = "there is no offer" } },
}
