/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins.h - the brokers' keys that were seen and are held to: known_brokers.
 *
 * One line per broker: ORIGIN BROKER_ID PUBLIC_KEY, blanks between, '#' begins
 * a comment line.  A key is written at first use on loopback, or by hand; one
 * that changed is refused until someone removes the line.
 */
#ifndef CLI_PINS_H
#define CLI_PINS_H

#include "base/arena.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>

enum { PINS_MAX = 1000, PINS_BYTES_MAX = 512 * 1024 };

struct pin {
	struct aicx_str origin;
	struct aicx_id broker_id;
	uint8_t key[KEY_BYTES];
	int line;
};

struct pins {
	struct pin *list; /* all of this lives in the arena */
	size_t n;
	const char *path;
};

/* A missing file is an empty one; a malformed line is refused by number. */
aicx_err pins_load(const char *path, struct arena *arena, struct pins *ret,
    struct aicx_error *reterr);
const struct pin *pins_find_origin(
    const struct pins *pins, const char *origin); /* or NULL */

enum pin_verdict { PIN_KNOWN, PIN_ADDED };

/*
 * Holds the broker at this origin to the key: known, or added when `first_use`
 * allows it.  AICX_EDENIED: another key is pinned ("key_changed"), or none is
 * and first use is not allowed ("key_unknown").
 */
aicx_err pins_hold(const struct pins *pins, const char *origin,
    const struct aicx_id *broker_id, const uint8_t key[KEY_BYTES],
    bool first_use, enum pin_verdict *ret_verdict, struct aicx_error *reterr);

#endif
