/* SPDX-License-Identifier: Apache-2.0 */
/* horizon.c - one id for each sender, from the index and from what came since.
 */
#include "broker/horizon.h"

#include "base/id.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct greatest {
	struct aicx_id sender, id;
	bool whole; /* the index was asked, too */
};

void
horizon_fini(struct horizon *horizon)
{
	MAP_EACH (entry, &horizon->senders)
		free(entry->value);
	map_fini(&horizon->senders);
}

static struct greatest *
greatest_need(struct horizon *horizon, const struct aicx_id *sender)
{
	struct greatest *greatest = map_find_id(&horizon->senders, sender);

	if (greatest != NULL)
		return greatest;
	greatest = MEM_NEW(struct greatest);
	greatest->sender = *sender;
	(void)map_put_id(&horizon->senders, &greatest->sender, greatest);
	return greatest;
}

static bool
is_greater(const struct aicx_id *id, const struct greatest *greatest)
{
	return memcmp(id->bytes, greatest->id.bytes, sizeof id->bytes) > 0;
}

static void
raise_to(struct greatest *greatest, const struct aicx_id *id)
{
	if (is_greater(id, greatest))
		greatest->id = *id;
}

void
horizon_note(struct horizon *horizon, const struct aicx_id *sender,
    const struct aicx_id *id)
{
	raise_to(greatest_need(horizon, sender), id);
}

static int
on_last(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct aicx_id id;

	(void)value;
	memcpy(&id, key.ptr + key.len - sizeof id, sizeof id);
	raise_to(arg, &id);
	return 1;
}

/* A range leaves it out, so it is never called new. */
static bool
is_last_of_all(const struct aicx_id *id)
{
	size_t i = 0;

	while (i < sizeof id->bytes && id->bytes[i] == 0xFF)
		i++;
	return i == sizeof id->bytes;
}

static aicx_err
ask_index(struct greatest *greatest, const struct catalog *catalog,
    struct aicx_error *reterr)
{
	struct aicx_id first = { { 0 } }, last;

	memset(&last, 0xFF, sizeof last);
	struct catalog_key from =
	    catalog_request_key(&greatest->sender, &first);
	struct catalog_key to = catalog_request_key(&greatest->sender, &last);
	aicx_err err =
	    catalog->ops->range(catalog->store, catalog_key_view(&from),
		catalog_key_view(&to), 1, on_last, greatest, reterr);
	greatest->whole = err == AICX_OK;
	return err;
}

aicx_err
horizon_is_new(struct horizon *horizon, const struct catalog *catalog,
    const struct aicx_id *sender, const struct aicx_id *id, bool *ret_new,
    struct aicx_error *reterr)
{
	struct greatest *greatest = greatest_need(horizon, sender);
	aicx_err err = AICX_OK;

	if (!greatest->whole && is_greater(id, greatest) &&
	    catalog->ops != NULL)
		err = ask_index(greatest, catalog, reterr);
	*ret_new =
	    err == AICX_OK && is_greater(id, greatest) && !is_last_of_all(id);
	return err;
}
