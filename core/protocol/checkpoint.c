/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.c - the three lines of a C2SP tlog-checkpoint. */
#include "protocol/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/note.h"

enum { ROOT_TEXT = 44 }; /* base64 of a hash, with padding */

void
checkpoint_origin(const struct aicx_id *broker_id, const char *shard,
    uint64_t generation, char ret_origin[ORIGIN_MAX])
{
	char suffix[24] = "";

	if (generation > 1)
		(void)snprintf(suffix, sizeof suffix, "-%" PRIu64, generation);
	int n = snprintf(ret_origin, ORIGIN_MAX, "aiconexus/%s/%s%s",
	    id_text(broker_id).text, shard, suffix);
	ENSURE(n > 0 && n < ORIGIN_MAX);
}

void
checkpoint_print(struct buf *buf, const struct checkpoint *checkpoint)
{
	buf_str(buf, checkpoint->origin);
	buf_printf(buf, "\n%" PRIu64 "\n", checkpoint->n_leaves);
	base64_put(buf, checkpoint->root, HASH_BYTES);
	buf_char(buf, '\n');
}

static aicx_err
refuse(struct aicx_error *reterr, const char *why)
{
	return err_word(reterr, AICX_EINVAL, "malformed",
	    "the checkpoint is not well formed: %s", why);
}

static bool
parse_size(struct aicx_str line, uint64_t *ret_size)
{
	int64_t size;

	if (line.len == 0 || line.ptr[0] == '-' ||
	    (line.ptr[0] == '0' && line.len > 1) || !str_int(line, &size))
		return false;
	*ret_size = (uint64_t)size;
	return true;
}

static bool
parse_root(struct aicx_str line, uint8_t root[HASH_BYTES])
{
	size_t n;

	return line.len == ROOT_TEXT &&
	    base64_parse(line, root, HASH_BYTES, &n) && n == HASH_BYTES;
}

aicx_err
checkpoint_parse(struct aicx_str note, struct checkpoint *ret_checkpoint,
    struct aicx_error *reterr)
{
	struct checkpoint checkpoint;
	struct aicx_str text, size, root, more;
	aicx_err err = note_text(note, &text, reterr);

	if (err != AICX_OK)
		return err;
	checkpoint.origin = str_cut(text, '\n', &text);
	if (checkpoint.origin.len == 0 || checkpoint.origin.len >= ORIGIN_MAX)
		return refuse(reterr, "line 1 is no origin");
	size = str_cut(text, '\n', &text);
	if (!parse_size(size, &checkpoint.n_leaves))
		return refuse(reterr, "line 2 is no number of records");
	root = str_cut(text, '\n', &more);
	if (!parse_root(root, checkpoint.root))
		return refuse(reterr, "line 3 is no hash in base64");
	while (more.len > 0) {
		struct aicx_str line = str_cut(more, '\n', &more);
		if (line.len == 0)
			return refuse(reterr, "a line after the root is empty");
	}
	*ret_checkpoint = checkpoint;
	return AICX_OK;
}
