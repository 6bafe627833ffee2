-- SPDX-License-Identifier: Apache-2.0
-- cheapest.lua - take the lowest price; of equal ones the better reputation.

local function better(a, b)
	if a.price.minor ~= b.price.minor then
		return a.price.minor < b.price.minor
	end
	return a.reputation > b.reputation
end

return {
	choose = function(offers)
		local best = offers[1]
		if not best then
			return refuse "there is no offer"
		end
		for _, offer in ipairs(offers) do
			if better(offer, best) then
				best = offer
			end
		end
		return best.offer_id, "lowest price of " .. #offers
	end,
}
