/* SPDX-License-Identifier: Apache-2.0 */
/* own_keys.c - keys of plugins that wait for the record they belong to. */
#include "broker/own_keys.h"

#include "base/err.h"
#include "base/str.h"
#include "broker/journal.h"

void
own_keys_fini(struct own_keys *keys)
{
	for (size_t i = 0; i < OWN_KEYS_MAX; i++) {
		buf_fini(&keys->list[i].key);
		buf_fini(&keys->list[i].value);
	}
	keys->n = 0;
}

static struct aicx_str
value_of(const struct own_key *own)
{
	struct aicx_str value = buf_view(&own->value);

	if (own->gone)
		return (struct aicx_str) { NULL, 0 };
	return value.ptr != NULL ? value : STR("");
}

void
own_keys_begin(struct own_keys *keys)
{
	keys->depth++;
}

void
own_keys_end(struct own_keys *keys, struct journal *journal)
{
	ENSURE(keys->depth > 0);
	if (--keys->depth > 0)
		return;
	for (size_t i = 0; i < keys->n; i++)
		journal_aside(journal, buf_view(&keys->list[i].key),
		    value_of(&keys->list[i]), i + 1 == keys->n);
	keys->n = 0;
}

const struct own_key *
own_keys_find(const struct own_keys *keys, struct aicx_str key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (str_eq(buf_view(&keys->list[i].key), key))
			return &keys->list[i];
	return NULL;
}

aicx_err
own_keys_put(struct own_keys *keys, struct aicx_str key, struct aicx_str value,
    struct aicx_error *reterr)
{
	const struct own_key *known = own_keys_find(keys, key);

	if (known == NULL && keys->n == OWN_KEYS_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "more than %d keys in one step", OWN_KEYS_MAX);
	struct own_key *own =
	    &keys->list[known != NULL ? (size_t)(known - keys->list) : keys->n];
	if (known == NULL) {
		keys->n++;
		buf_clear(&own->key);
		buf_str(&own->key, key);
	}
	own->gone = value.ptr == NULL;
	buf_clear(&own->value);
	buf_str(&own->value, value);
	return AICX_OK;
}

void
own_keys_join(struct own_keys *keys, struct journal *journal)
{
	for (size_t i = 0; i < keys->n; i++)
		journal_aside(journal, buf_view(&keys->list[i].key),
		    value_of(&keys->list[i]), false);
	keys->n = 0;
}

void
own_keys_drop(struct own_keys *keys)
{
	keys->n = 0;
}
