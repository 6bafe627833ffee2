/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - one JSON object a line, in one write(2), so that lines of several
 * threads do not mix.
 *
 * What a stranger sent may be in a value: it is escaped, and bytes that are no
 * UTF-8 become U+FFFD.
 */
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

enum { LOG_VALUE_BYTES_MAX = 4096 }; /* of one value; more is cut off */

/* Written once by log_new(); scopes point to it. */
struct sink {
	int fd;
	enum log_level min;
	log_clock_fn *clock;
	void *clock_arg;
};

struct log {
	struct sink sink;
	struct buf pairs; /* `,"key":value...`, ready to be put in */
};

static const char *const level_names[] = { "debug", "info", "warn", "error",
	NULL };

struct log *
log_new(int fd, enum log_level min, log_clock_fn *clock, void *clock_arg)
{
	struct log *log = MEM_NEW(struct log);

	log->sink = (struct sink) { fd, min, clock, clock_arg };
	return log;
}

/* Well-formed runs as they are, each other byte as U+FFFD. */
static void
put_mended(struct buf *buf, struct aicx_str text)
{
	while (text.len > 0) {
		size_t n = 0, more;
		struct aicx_str rest = text;
		while ((more = str_char_bytes(rest)) > 0) {
			rest.ptr += more;
			rest.len -= more;
			n += more;
		}
		json_escape(buf, (struct aicx_str) { text.ptr, n });
		if (rest.len == 0)
			return;
		buf_str(buf, STR("\xEF\xBF\xBD"));
		text = (struct aicx_str) { rest.ptr + 1, rest.len - 1 };
	}
}

static void
put_text(struct json_writer *w, const char *text)
{
	struct aicx_str value = str_of(text);

	if (value.ptr == NULL) {
		json_put_null(w);
		return;
	}
	if (value.len > LOG_VALUE_BYTES_MAX)
		value.len = LOG_VALUE_BYTES_MAX;
	json_put_raw(w, STR("\""));
	put_mended(w->buf, value);
	buf_char(w->buf, '"');
}

static void
put_pairs(struct json_writer *w, const struct kv *pair)
{
	for (; pair != NULL && pair->type != KV_END; pair++) {
		json_key(w, pair->key);
		switch (pair->type) {
		case KV_STR:
			put_text(w, pair->value.str);
			break;
		case KV_INT:
			json_put_int(w, pair->value.num);
			break;
		case KV_UINT:
			json_put_uint(w, pair->value.count);
			break;
		case KV_BOOL:
			json_put_bool(w, pair->value.num != 0);
			break;
		case KV_END:
			break;
		}
	}
}

struct log *
log_scope(const struct log *parent, const struct kv *pairs)
{
	if (parent == NULL)
		return NULL;
	struct log *log = MEM_NEW(struct log);
	struct json_writer w = json_writer(&log->pairs);
	log->sink = parent->sink;
	buf_str(&log->pairs, buf_view(&parent->pairs));
	w.comma = true;
	put_pairs(&w, pairs);
	return log;
}

void
log_free(struct log *log)
{
	if (log == NULL)
		return;
	buf_fini(&log->pairs);
	free(log);
}

bool
log_level_parse(const char *name, enum log_level *ret_level)
{
	for (int i = 0; level_names[i] != NULL; i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void
log_write(const struct log *log, enum log_level level, const char *event,
    const struct kv *pairs)
{
	struct buf line = { 0 };
	struct json_writer w = json_writer(&line);
	int saved = errno;

	if (log == NULL || level < log->sink.min)
		return;
	json_open(&w, '{');
	json_key(&w, "time");
	json_put_time(&w, log->sink.clock(log->sink.clock_arg));
	json_key(&w, "level");
	json_put_text(&w, level_names[level]);
	json_key(&w, "event");
	put_text(&w, event);
	buf_str(&line, buf_view(&log->pairs));
	put_pairs(&w, pairs);
	json_close(&w);
	buf_char(&line, '\n');
	/* A log that cannot be written stops nobody. */
	ssize_t n = write(log->sink.fd, line.ptr, line.len);
	(void)n;
	buf_fini(&line);
	errno = saved;
}
