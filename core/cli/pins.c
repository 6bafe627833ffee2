/* SPDX-License-Identifier: Apache-2.0 */
/* pins.c - the brokers' keys that were seen and are held to: known_brokers. */
#include "cli/pins.h"

#include <string.h>

#include "base/b64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/file.h"

static bool
line_parse(struct aicx_str line, struct arena *arena, struct pin *ret)
{
	struct aicx_str rest, origin, id, key;

	origin = str_cut(line, ' ', &rest);
	id = str_cut(str_trim(rest), ' ', &rest);
	key = str_trim(rest);
	if ((!str_starts(origin, "http") && !str_starts(origin, "unix:/")) ||
	    !id_parse(id, &ret->broker_id) ||
	    !b64_parse(key, ret->key, sizeof ret->key))
		return false;
	ret->origin = arena_str(arena, origin);
	return true;
}

static aicx_err
text_parse(struct aicx_str text, struct arena *arena, struct pins *pins,
    struct aicx_error *reterr)
{
	pins->list = arena_new(arena, PINS_MAX * sizeof *pins->list);
	for (int number = 1; text.len > 0; number++) {
		struct aicx_str line = str_trim(str_cut(text, '\n', &text));
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (pins->n == PINS_MAX)
			return err_word(reterr, AICX_ELIMIT, "too_large",
			    "cannot read \"%s\": more than %d brokers",
			    pins->path, PINS_MAX);
		struct pin *pin = &pins->list[pins->n];
		if (!line_parse(line, arena, pin))
			return err_word(reterr, AICX_EINVAL, "malformed",
			    "%s:%d: not \"ORIGIN BROKER_ID PUBLIC_KEY\"",
			    pins->path, number);
		pin->line = number;
		pins->n++;
	}
	return AICX_OK;
}

aicx_err
pins_load(const char *path, struct arena *arena, struct pins *ret,
    struct aicx_error *reterr)
{
	struct pins pins = { 0 };
	struct buf text = { 0 };

	pins.path = arena_printf(arena, "%s", path).ptr;
	aicx_err err = file_read(path, PINS_BYTES_MAX, &text, reterr);
	if (err == AICX_ENOTFOUND)
		err = AICX_OK;
	if (err == AICX_OK)
		err = text_parse(buf_view(&text), arena, &pins, reterr);
	buf_fini(&text);
	if (err == AICX_OK)
		*ret = pins;
	return err;
}

const struct pin *
pins_find_origin(const struct pins *pins, const char *origin)
{
	for (size_t i = 0; i < pins->n; i++)
		if (str_is(pins->list[i].origin, origin))
			return &pins->list[i];
	return NULL;
}

static aicx_err
pin_add(const struct pins *pins, const char *origin,
    const struct aicx_id *broker_id, const uint8_t key[KEY_BYTES],
    struct aicx_error *reterr)
{
	struct buf line = { 0 };

	buf_printf(&line, "%s %s ", origin, id_text(broker_id).text);
	b64_put(&line, key, KEY_BYTES);
	buf_char(&line, '\n');
	aicx_err err = file_append(pins->path, buf_view(&line), reterr);
	buf_fini(&line);
	return err;
}

aicx_err
pins_hold(const struct pins *pins, const char *origin,
    const struct aicx_id *broker_id, const uint8_t key[KEY_BYTES],
    bool first_use, enum pin_verdict *ret_verdict, struct aicx_error *reterr)
{
	const struct pin *pin = pins_find_origin(pins, origin);

	if (pin == NULL && !first_use)
		return err_word(reterr, AICX_EDENIED, "key_unknown",
		    "cannot trust the broker at \"%s\": no key of it is known, "
		    "and it is not on loopback; add \"%s BROKER_ID KEY\" to %s",
		    origin, origin, pins->path);
	if (pin == NULL) {
		*ret_verdict = PIN_ADDED;
		return pin_add(pins, origin, broker_id, key, reterr);
	}
	if (memcmp(pin->key, key, KEY_BYTES) != 0 ||
	    !id_eq(&pin->broker_id, broker_id))
		return err_word(reterr, AICX_EDENIED, "key_changed",
		    "refused the broker at \"%s\": its key is not the one of "
		    "%s:%d; if it was set up anew, remove that line",
		    origin, pins->path, pin->line);
	*ret_verdict = PIN_KNOWN;
	return AICX_OK;
}
