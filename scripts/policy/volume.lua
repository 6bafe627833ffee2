-- SPDX-License-Identifier: Apache-2.0
-- volume.lua - cheaper by the dozen: units above a step cost less.

-- From the highest step down: units above `above` cost `percent` of the price.
local steps = {
	{ above = 1000, percent = 80 },
	{ above = 100, percent = 90 },
	{ above = 0, percent = 100 },
}

return {
	price = function(usage, terms, call)
		local sum, left = terms.base_cost.minor, usage.units
		if not terms.unit_cost then
			return math.min(sum, call.ceiling.minor)
		end
		for _, step in ipairs(steps) do
			if left > step.above then
				local full = mul(terms.unit_cost.minor, left - step.above)
				sum = add(sum, muldiv(full, step.percent, 100))
				left = step.above
			end
		end
		return math.min(sum, call.ceiling.minor)
	end,
}
