-- SPDX-License-Identifier: Apache-2.0
-- surge.lua - dearer when busy: each job under way adds a tenth to the price.

local PERCENT_PER_JOB = 10
local PERCENT_MOST = 200 -- never above twice the list price
local JOBS_MOST = 20

return {
	offer = function(intent, me)
		if me.load >= JOBS_MOST then
			return refuse("busy with " .. me.load .. " jobs")
		end
		local percent = math.min(100 + PERCENT_PER_JOB * me.load, PERCENT_MOST)
		local price = muldiv(me.price.minor, percent, 100)
		if price > intent.max_price.minor then
			return refuse "the budget is below today's price"
		end
		return { base_cost = price }
	end,
}
