/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_envelope.c - any bytes as a message, and any bytes as the head of one
 * that is rightly sealed: what is taken can be printed, forwarded and read
 * again with the same meaning.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/envelope.h"

static const char key_id[] = "01932000-0000-7000-8000-0000000005e5";

static bool
is_inside(struct aicx_str part, struct aicx_str text)
{
	return part.ptr == NULL ||
	    (part.ptr >= text.ptr &&
		part.ptr + part.len <= text.ptr + text.len);
}

static struct envelope_head
head_of(const struct envelope *env)
{
	return (struct envelope_head) {
		.id = env->id,
		.sender_id = env->sender_id,
		.receiver_id = env->receiver_id,
		.correlation_id = env->correlation_id,
		.type = env->type,
		.timestamp_ms = env->timestamp_ms,
		.expires_ms = env->expires_ms,
		.traceparent = env->traceparent,
	};
}

static void
check_same(const struct envelope *a, const struct envelope *b)
{
	ENSURE(id_eq(&a->id, &b->id));
	ENSURE(id_eq(&a->sender_id, &b->sender_id));
	ENSURE(id_eq(&a->receiver_id, &b->receiver_id));
	ENSURE(id_eq(&a->correlation_id, &b->correlation_id));
	ENSURE(a->type == b->type);
	ENSURE(a->timestamp_ms == b->timestamp_ms);
	ENSURE(a->expires_ms == b->expires_ms);
	ENSURE(str_eq(a->traceparent, b->traceparent));
	ENSURE(str_eq(a->payload, b->payload));
	ENSURE(str_eq(envelope_method(a), envelope_method(b)));
}

/* Split, verified and scanned again it says the same. */
static void
check_again(const struct buf *buf, struct mac *mac, const struct envelope *env)
{
	struct envelope again;

	ENSURE(
	    envelope_split(buf_view(buf), SIZE_MAX, &again, NULL) == AICX_OK);
	ENSURE(envelope_verify_mac(&again, mac));
	ENSURE(envelope_scan(&again, NULL) == AICX_OK);
	check_same(env, &again);
}

static void
check_taken(const struct envelope *env, struct mac *mac)
{
	struct envelope_head head = head_of(env);
	struct buf buf = { 0 };

	ENSURE(env->payload.ptr != NULL && is_inside(env->payload, env->text));
	ENSURE(is_inside(env->traceparent, env->text));
	ENSURE(is_inside(envelope_method(env), env->payload));
	envelope_resign_mac(&buf, env, mac, str_of(key_id));
	check_again(&buf, mac, env);
	buf_clear(&buf);
	envelope_print(&buf, &head, env->payload);
	envelope_sign_mac(&buf, 0, mac, str_of(key_id));
	check_again(&buf, mac, env);
	buf_fini(&buf);
}

static void
receive(struct aicx_str text, struct mac *mac)
{
	struct envelope env = { .text = { NULL, 0 } };
	struct aicx_error err = { 0 };

	if (envelope_split(text, SIZE_MAX, &env, &err) != AICX_OK ||
	    envelope_scan(&env, &err) != AICX_OK) {
		ENSURE(err.word[0] != '\0' && err.text[0] != '\0');
		return;
	}
	check_taken(&env, mac);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mac *mac = mac_new("key", 3);
	struct aicx_str text = { (const char *)data, size };
	struct buf buf = { 0 };

	receive(text, mac);
	buf_char(&buf, '{');
	buf_str(&buf, text);
	envelope_sign_mac(&buf, 0, mac, str_of(key_id));
	receive(buf_view(&buf), mac);
	buf_fini(&buf);
	mac_free(mac);
	return 0;
}
