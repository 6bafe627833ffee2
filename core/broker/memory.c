/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - looking at what the process holds, and saying so when it changes.
 */
#include "broker/memory.h"

#include "base/broken.h"
#include "base/err.h"
#include "broker/inside.h"

enum { LOOK_MS = 100 };

static void
look(struct broker *broker)
{
	struct memory *memory = &broker->memory;
	int64_t now_ms = broker->ports.now_ms(broker->ports.arg);
	int64_t max = broker->settings->memory_max, used;
	bool high;

	if (memory->seen_ms != 0 && now_ms - memory->seen_ms < LOOK_MS)
		return;
	memory->seen_ms = now_ms;
	used = broker->ports.memory_used(broker->ports.arg, max);
	high = used > max;
	if (high == memory->high)
		return;
	memory->high = high;
	if (high)
		log_error(broker->log, "memory.high", KV("used_bytes", used),
		    KV("max_bytes", max));
	else
		log_info(broker->log, "memory.enough", KV("used_bytes", used));
}

aicx_err
memory_may_begin(struct broker *broker, struct aicx_error *reterr)
{
	if (broker->settings->memory_max == 0 ||
	    broker->ports.memory_used == NULL || broken("no_ceiling"))
		return AICX_OK;
	look(broker);
	if (!broker->memory.high)
		return AICX_OK;
	return err_word(reterr, AICX_EAGAIN, "unavailable",
	    "memory is used up: what is under way ends, nothing begins");
}
