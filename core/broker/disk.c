/* SPDX-License-Identifier: Apache-2.0 */
/* disk.c - looking at the room that is left, and saying so when it changes. */
#include "broker/disk.h"

#include "base/err.h"
#include "broker/inside.h"

enum { LOOK_MS = 250, TICK_MS = 1000 };

static void
note_low(struct broker *broker, bool low, int64_t free_bytes)
{
	if (low == broker->disk.low)
		return;
	broker->disk.low = low;
	if (low)
		log_error(broker->log, "disk.low", KV("free_bytes", free_bytes),
		    KV("floor_bytes", broker->settings->disk_floor));
	else
		log_info(
		    broker->log, "disk.enough", KV("free_bytes", free_bytes));
}

/* Told once: what is left then is for ending. */
static void
note_full(struct broker *broker, bool full, int64_t free_bytes)
{
	if (!full || broker->disk.full)
		return;
	broker->disk.full = true;
	log_error(broker->log, "disk.full", KV("free_bytes", free_bytes),
	    KV("stop_bytes", broker->settings->disk_stop));
	broker->ports.disk_full(broker->ports.arg);
}

static void
look(struct broker *broker)
{
	struct disk *disk = &broker->disk;
	int64_t now_ms = broker->ports.now_ms(broker->ports.arg);

	if (broker->ports.disk_free == NULL ||
	    (disk->seen_ms != 0 && now_ms - disk->seen_ms < LOOK_MS))
		return;
	disk->seen_ms = now_ms;
	int64_t free_bytes = broker->ports.disk_free(broker->ports.arg);
	if (free_bytes < 0)
		return; /* it is not known */
	note_low(broker, free_bytes < broker->settings->disk_floor, free_bytes);
	note_full(broker, free_bytes < broker->settings->disk_stop, free_bytes);
}

aicx_err
disk_may_begin(struct broker *broker, struct aicx_error *reterr)
{
	look(broker);
	if (!broker->disk.low)
		return AICX_OK;
	return err_word(reterr, AICX_EAGAIN, "unavailable",
	    "the disk is nearly full: what is under way ends, nothing begins");
}

void
disk_tick(struct broker *broker)
{
	if (broker->ports.disk_free == NULL || broker->read_only)
		return;
	look(broker);
	broker_wake(broker, broker_now(broker) + TICK_MS);
}
