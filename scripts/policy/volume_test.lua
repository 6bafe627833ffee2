-- SPDX-License-Identifier: Apache-2.0
-- volume_test.lua - what volume.lua has to answer.

local function bill(units, ceiling)
	return {
		usage = { calls = 1, units = units },
		terms = {
			base_cost = { minor = 500, currency = "AIC" },
			unit_cost = { minor = 10, currency = "AIC" },
		},
		ceiling = { minor = ceiling or 1000000, currency = "AIC" },
		now = "2026-01-05T09:00:00Z",
	}
end

return {
	{ name = "no unit costs the base", hook = "price",
		args = bill(0), want = { minor = 500 } },
	{ name = "the first hundred cost the full price", hook = "price",
		args = bill(100), want = { minor = 1500 } },
	{ name = "the next one costs nine tenths", hook = "price",
		args = bill(101), want = { minor = 1509 } },
	{ name = "up to a thousand it stays so", hook = "price",
		args = bill(1000), want = { minor = 500 + 1000 + 900 * 9 } },
	{ name = "then eight tenths", hook = "price",
		args = bill(3000), want = { minor = 500 + 1000 + 900 * 9 + 2000 * 8 } },
	{ name = "the bill stops at the ceiling", hook = "price",
		args = bill(3000, 9999), want = { minor = 9999 } },
	{ name = "terms without a unit cost have only the base", hook = "price",
		args = {
			usage = { calls = 1, units = 50 },
			terms = { base_cost = { minor = 500, currency = "AIC" } },
			ceiling = { minor = 1000, currency = "AIC" },
		},
		want = { minor = 500 } },
	{ name = "units beyond all measure are an error", hook = "price",
		args = bill(math.maxinteger), want = { error = "product is too large" } },
}
