/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one structured line per event.
 *
 * A line is an event name and typed pairs; the sink turns it into JSON.
 * The name is a constant such as "module.refused", so that operators can
 * search for it; what varies goes into pairs.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum kv_type { KV_END, KV_STR, KV_INT, KV_UINT, KV_BOOL };

struct kv {
	const char *key;
	enum kv_type type;
	union {
		const char *str;
		int64_t num;
		uint64_t count;
	} value;
};

struct log; /* a sink plus the pairs every line of this scope carries */

/* Milliseconds since 1970, asked once a line [any thread]. */
typedef int64_t log_clock_fn(void *arg);

/* A sink that writes one JSON line per event with one write(2) to fd (borrowed)
   and drops lines below min.  Line: {"time","level","event",<pairs>}. */
struct log *log_new(
    int fd, enum log_level min, log_clock_fn *clock, void *clock_arg);
/* The same sink with more pairs on each line; parent must outlive it. */
struct log *log_scope(const struct log *parent, const struct kv *pairs);
void log_free(struct log *log);
bool log_level_parse(const char *name, enum log_level *ret_level);

/* [any thread] A NULL log drops everything. */

void log_write(const struct log *log, enum log_level level, const char *event,
    const struct kv *pairs);

static inline struct kv
kv_str(const char *key, const char *str)
{
	return (struct kv) { key, KV_STR, { .str = str } };
}

static inline struct kv
kv_int(const char *key, int64_t num)
{
	return (struct kv) { key, KV_INT, { .num = num } };
}

static inline struct kv
kv_uint(const char *key, uint64_t count)
{
	return (struct kv) { key, KV_UINT, { .count = count } };
}

static inline struct kv
kv_bool(const char *key, bool flag)
{
	return (struct kv) { key, KV_BOOL, { .num = flag } };
}

/* clang-format off */
#define KV(key, value) _Generic((value),         \
	const char *: kv_str, char *: kv_str,    \
	bool: kv_bool, int: kv_int, long: kv_int,  \
	unsigned: kv_uint, unsigned long: kv_uint)(key, value)

/* The pairs stand between two ends, so that there may be none. */
#define LOG_AT(level, log, event, ...) \
	log_write((log), (level), (event), \
	    (const struct kv[]){ { .type = KV_END }, ## __VA_ARGS__, \
		{ .type = KV_END } } + 1)
/* clang-format on */

#define log_debug(log, ...) LOG_AT(LOG_DEBUG, log, __VA_ARGS__)
#define log_info(log, ...) LOG_AT(LOG_INFO, log, __VA_ARGS__)
#define log_warn(log, ...) LOG_AT(LOG_WARN, log, __VA_ARGS__)
#define log_error(log, ...) LOG_AT(LOG_ERROR, log, __VA_ARGS__)

#endif
