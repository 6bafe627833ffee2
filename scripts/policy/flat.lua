-- SPDX-License-Identifier: Apache-2.0
-- flat.lua - the price on the sign: what the terms say, and no more.

local function total(terms, units)
	local sum = terms.base_cost.minor
	if terms.unit_cost then
		sum = add(sum, mul(terms.unit_cost.minor, units))
	end
	return sum
end

return {
	-- A bill: the base and each unit, never above what was agreed.
	price = function(usage, terms, call)
		return math.min(total(terms, usage.units), call.ceiling.minor)
	end,

	-- An offer: the list price, or none where the buyer cannot pay it.
	offer = function(intent, me)
		if me.price.minor > intent.max_price.minor then
			return refuse "the budget is below the list price"
		end
		return { base_cost = me.price.minor }
	end,
}
