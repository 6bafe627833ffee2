/* SPDX-License-Identifier: Apache-2.0 */
/* envelope_print.c - sending a message: print it, sign it, sign it anew. */
#include "protocol/envelope.h"

#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/envelope_tail.h"

enum {
	HEAD_MAX = 512, /* all members but payload and traceparent */
	TAIL_MAX = 14 + 138 + 2
};

const struct envelope_alg envelope_algs[ENVELOPE_N_ALGS] = {
	[ALG_ED25519] = { STR("ed25519:"), KEY_ID_TEXT, SIG_BYTES,
	    8 + KEY_ID_TEXT + 1 + B64_LEN(SIG_BYTES) },
	[ALG_HMAC_SHA256] = { STR("hmac-sha256:"), ID_TEXT, MAC_BYTES,
	    12 + ID_TEXT + 1 + B64_LEN(MAC_BYTES) },
};

static char *
put(char *at, struct aicx_str str)
{
	memcpy(at, str.ptr, str.len);
	return at + str.len;
}

static char *
put_id(char *at, struct aicx_str member, const struct aicx_id *id)
{
	at = put(at, member);
	id_print(id, at);
	at += ID_TEXT;
	*at++ = '"';
	return at;
}

static char *
put_time(char *at, struct aicx_str member, int64_t at_ms)
{
	at = put(at, member);
	time_print(at_ms, at);
	at += TIME_TEXT;
	*at++ = '"';
	return at;
}

static char *
put_optional(char *at, const struct envelope_head *head)
{
	if (!id_is_nil(&head->correlation_id))
		at = put_id(
		    at, STR(",\"correlation_id\":\""), &head->correlation_id);
	if (head->traceparent.ptr != NULL) {
		at = put(at, STR(",\"traceparent\":\""));
		at = put(at, head->traceparent);
		*at++ = '"';
	}
	if (head->expires_ms != 0)
		at = put_time(at, STR(",\"expires_at\":\""), head->expires_ms);
	return at;
}

void
envelope_print(
    struct buf *buf, const struct envelope_head *head, struct aicx_str payload)
{
	char *start = buf_room(
	    buf, HEAD_MAX + head->traceparent.len + payload.len + TAIL_MAX);
	char *at = put_id(start, STR("{\"id\":\""), &head->id);

	at = put_time(at, STR(",\"version\":\"1.0\",\"timestamp\":\""),
	    head->timestamp_ms);
	at = put_id(at, STR(",\"sender_id\":\""), &head->sender_id);
	at = put_id(at, STR(",\"receiver_id\":\""), &head->receiver_id);
	at = put(at, STR(",\"type\":\""));
	at = put(at, str_of(msg_type_name(head->type)));
	*at++ = '"';
	at = put_optional(at, head);
	at = put(at, STR(",\"payload\":"));
	at = put(at, payload);
	buf->len += (size_t)(at - start);
}

static void
put_tail(struct buf *buf, enum sig_alg alg, struct aicx_str key_id,
    const uint8_t *bytes)
{
	const struct envelope_alg *form = &envelope_algs[alg];
	char *start = buf_room(buf, TAIL_MAX);

	ENSURE(key_id.len == form->key_id_len);
	char *at = put(start, ENVELOPE_MEMBER);
	at = put(at, form->name);
	at = put(at, key_id);
	*at++ = ':';
	b64_print(bytes, form->n_bytes, at);
	at += B64_LEN(form->n_bytes);
	*at++ = '"';
	*at++ = '}';
	buf->len += (size_t)(at - start);
}

static struct aicx_str
printed(const struct buf *buf, size_t start)
{
	ENSURE(start < buf->len && buf->ptr[start] == '{');
	return (struct aicx_str) { buf->ptr + start, buf->len - start };
}

void
envelope_sign_key(struct buf *buf, size_t start, const struct sign_key *key)
{
	uint8_t sig[SIG_BYTES];

	sign_bytes(key, SIG_ENVELOPE, printed(buf, start), STR("}"), sig);
	put_tail(buf, ALG_ED25519, str_of(sign_key_id(key)), sig);
}

void
envelope_sign_mac(
    struct buf *buf, size_t start, struct mac *mac, struct aicx_str key_id)
{
	uint8_t bytes[MAC_BYTES];

	mac_bytes(mac, SIG_ENVELOPE, printed(buf, start), STR("}"), bytes);
	put_tail(buf, ALG_HMAC_SHA256, key_id, bytes);
}

void
envelope_resign_mac(struct buf *buf, const struct envelope *env,
    struct mac *mac, struct aicx_str key_id)
{
	size_t start = buf->len;

	(void)buf_room(buf, env->head.len + TAIL_MAX);
	buf_str(buf, env->head);
	envelope_sign_mac(buf, start, mac, key_id);
}
