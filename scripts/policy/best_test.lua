-- SPDX-License-Identifier: Apache-2.0
-- best_test.lua - what best.lua has to answer.

local function offer(id, minor, score, parts)
	return {
		offer_id = id,
		price = { minor = minor, currency = "AIC" },
		reputation = 4000,
		score = score,
		parts = parts or { price = 500, reputation = 600, latency = 400 },
	}
end

local function choose(offers)
	return { offers = offers, mandate = {}, now = "2026-01-05T09:00:00Z" }
end

return {
	{ name = "the highest score is taken", hook = "choose",
		args = choose { offer("a", 1, 300), offer("b", 9, 700), offer("c", 5, 500) },
		want = { offer_id = "b", reason = "score 700, by reputation" } },
	{ name = "of equal scores the lower price", hook = "choose",
		args = choose { offer("a", 3, 700), offer("b", 2, 700), offer("c", 4, 700) },
		want = { offer_id = "b" } },
	{ name = "of equal parts the first by name is named", hook = "choose",
		args = choose { offer("a", 3, 500, { price = 500, reputation = 500, latency = 500 }) },
		want = { reason = "score 500, by latency" } },
	{ name = "none is refused", hook = "choose",
		args = choose {}, want = { refuse = "there is no offer" } },
}
