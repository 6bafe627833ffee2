/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vectors.h - for tests: files of test vectors that lie outside of the tree.
 *
 * They are looked for in $AICX_VECTORS, else beside the source folder.
 */
#ifndef PROTOCOL_VECTORS_H
#define PROTOCOL_VECTORS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/b64.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

struct vectors {
	struct arena arena;
	struct buf text;
	struct json doc;
	struct json_ref root;
};

/* false, with a visible line, when the file is not there. */
static inline bool
vectors_open(struct vectors *vectors, const char *file)
{
	const char *env = getenv("AICX_VECTORS"), *srcdir = getenv("srcdir");
	char path[1024];
	size_t n;

	*vectors = (struct vectors) { 0 };
	if (env != NULL)
		(void)snprintf(path, sizeof path, "%s/%s", env, file);
	else
		(void)snprintf(path, sizeof path, "%s/../shared/vectors/%s",
		    srcdir != NULL ? srcdir : ".", file);
	FILE *in = fopen(path, "re");
	if (in == NULL) {
		(void)printf("skipped: no vectors (%s)\n", path);
		return false;
	}
	while ((n = fread(buf_room(&vectors->text, 65536), 1, 65536, in)) > 0)
		vectors->text.len += n;
	(void)fclose(in);
	ck_assert_int_eq(json_parse(buf_view(&vectors->text), &vectors->arena,
			     &vectors->doc, NULL),
	    AICX_OK);
	vectors->root = json_root(&vectors->doc);
	return true;
}

static inline void
vectors_close(struct vectors *vectors)
{
	arena_fini(&vectors->arena);
	buf_fini(&vectors->text);
}

static inline struct aicx_str
vectors_str(struct vectors *vectors, struct json_ref ref, const char *name)
{
	struct aicx_str str = json_str(json_get(ref, name), &vectors->arena);

	ck_assert_msg(str.ptr != NULL, "no \"%s\"", name);
	return str;
}

/* A base64url string of exactly 32 bytes. */
static inline void
vectors_key(struct vectors *vectors, struct json_ref ref, const char *name,
    uint8_t ret_key[32])
{
	ck_assert(b64_parse(vectors_str(vectors, ref, name), ret_key, 32));
}

/* A string of hexadecimal digits, in the arena. */
static inline struct aicx_str
vectors_hex(struct vectors *vectors, struct json_ref ref, const char *name)
{
	struct aicx_str hex = vectors_str(vectors, ref, name);
	char *bytes = arena_new(&vectors->arena, hex.len / 2 + 1);

	for (size_t i = 0; i < hex.len / 2; i++) {
		char pair[3] = { hex.ptr[2 * i], hex.ptr[2 * i + 1], '\0' };
		bytes[i] = (char)strtol(pair, NULL, 16);
	}
	return (struct aicx_str) { bytes, hex.len / 2 };
}

#endif
