-- SPDX-License-Identifier: Apache-2.0
-- best.lua - take the highest score; of equal ones the lower price.
--
-- The score weighs price, reputation and latency; the reason names the part
-- that spoke most for the chosen offer.

local function better(a, b)
	if a.score ~= b.score then
		return a.score > b.score
	end
	return a.price.minor < b.price.minor
end

local function strongest(parts)
	local name, most
	for part, points in pairs(parts) do
		if not most or points > most then
			name, most = part, points
		end
	end
	return name
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
		return best.offer_id,
			string.format("score %d, by %s", best.score, strongest(best.parts))
	end,
}
