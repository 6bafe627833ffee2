/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - strict JSON (RFC 8259): one scanner, an index over the text, and a
 * writer.
 *
 * The text is never copied or re-serialised: a parsed document is a flat list
 * of nodes that point into it, so a value can be passed on byte for byte.
 * Refused always: invalid UTF-8, lone surrogate escapes, control characters in
 * strings, depth beyond the limit, anything after the value.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct currencies;

enum { JSON_DEPTH_MAX = 64, JSON_NODES_MAX = 200000 };

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json_node {
	uint32_t start, end; /* the value's text, quotes included */
	uint32_t next; /* node after this value and all inside it */
	uint32_t n_items; /* members of an object, elements of an array */
	uint8_t type; /* enum json_type */
	uint8_t escaped; /* a string with backslashes */
};

struct json {
	struct aicx_str text;
	struct json_node *nodes; /* in the arena; an object's members are key
				    node, value node, key node, ... */
	size_t n_nodes;
};

/* A value inside a document; doc == NULL: there is none. */
struct json_ref {
	const struct json *doc;
	uint32_t node;
};

/*
 * Parses the whole text; texts up to 2^32-1 bytes.  Repeated members are
 * refused in every object.  Errors (word "malformed") name line, column and
 * what was expected.  doc borrows text and lives in the arena.
 */
aicx_err json_parse(struct aicx_str text, struct arena *arena,
    struct json *ret_doc, struct aicx_error *reterr);

/*
 * One strict pass over an object without an index: on_member is called for
 * each top-level member (name still escaped, without quotes; value's text);
 * anything but 0 from it stops with that as the error.  Repeated members are
 * refused at the top level and inside the top-level member named `inner` (NULL:
 * none); deeper, whoever parses that part refuses them.
 */
typedef aicx_err json_member_fn(struct aicx_str name, enum json_type type,
    struct aicx_str value, void *arg, struct aicx_error *reterr);
aicx_err json_scan(struct aicx_str text, const char *inner,
    json_member_fn *on_member, void *arg, struct aicx_error *reterr);

struct json_ref json_root(const struct json *doc);
bool json_has(struct json_ref ref);
enum json_type json_type(struct json_ref ref); /* of an absent one: JSON_NULL */
/* The member, or an absent ref (also when ref is no object). */
struct json_ref json_get(struct json_ref ref, const char *name);
struct json_ref json_at(struct json_ref array, size_t index); /* walks */
size_t json_len(struct json_ref ref);
/* The value's own text, byte for byte. */
struct aicx_str json_raw(struct json_ref ref);
/* A string's value: a view when nothing is escaped, else in the arena.
   Absent when the value is no string. */
struct aicx_str json_str(struct json_ref ref, struct arena *arena);
/* An integer number without fraction or exponent inside int64; or a string
   holding one.  false otherwise. */
bool json_int(struct json_ref ref, int64_t *ret_value);
bool json_bool(struct json_ref ref, bool *ret_value);

/* Walks elements of an array, or members of an object (then with names). */
struct json_iter {
	struct json_ref name; /* of a member */
	struct json_ref value;
	uint32_t at, left;
	const struct json *doc;
	bool object;
};
struct json_iter json_iter(struct json_ref ref);
bool json_next(struct json_iter *iter);

/* A string literal's inside (no quotes) to its value. */
struct aicx_str json_unescape(struct aicx_str inside, struct arena *arena);
/* Does a string literal's inside, escapes or not, stand for this value? */
bool json_inside_is(struct aicx_str inside, const char *value);

/*
 * Writer.  Commas and colons come by themselves:
 *   json_open(&w, '{'); json_key(&w, "n"); json_put_int(&w, 1); json_close(&w);
 */
struct json_writer {
	struct buf *buf; /* borrowed */
	uint8_t depth;
	bool comma; /* a value was written at this depth */
	char close[JSON_DEPTH_MAX];
};

struct json_writer json_writer(struct buf *buf);
void json_open(struct json_writer *w, char bracket); /* '{' or '[' */
void json_close(struct json_writer *w);
void json_key_str(struct json_writer *w, struct aicx_str name);
/* A name with nothing to escape. */
void json_key_plain(struct json_writer *w, const char *name, size_t len);

/* What stands in the source as a literal is plain. */
static inline void
json_key(struct json_writer *w, const char *name)
{
	if (__builtin_constant_p(strlen(name)))
		json_key_plain(w, name, strlen(name));
	else
		json_key_str(w, (struct aicx_str) { name, strlen(name) });
}

/* Escapes quotes, backslashes and controls; other bytes go as they are. */
void json_put_str(struct json_writer *w, struct aicx_str value);
void json_put_text(struct json_writer *w, const char *value);
void json_put_int(struct json_writer *w, int64_t value);
void json_put_uint(struct json_writer *w, uint64_t value);
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);
void json_put_id(struct json_writer *w, const struct aicx_id *id);
void json_put_time(struct json_writer *w, int64_t at_ms);
/* {"amount":"0.002500","currency":"AIC"} */
void json_put_money(struct json_writer *w, const struct currencies *currencies,
    const struct aicx_money *money);
/* A value that is JSON already; on one line, whatever it was written on. */
void json_put_raw(struct json_writer *w, struct aicx_str json);
/* Line breaks, which JSON has only between its tokens, become blanks. */
void json_one_line(char *text, size_t n_bytes);

/* Appends the escaped inside of a string literal, without quotes. */
void json_escape(struct buf *buf, struct aicx_str value);

#endif
