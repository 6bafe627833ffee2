/* SPDX-License-Identifier: Apache-2.0 */
/* fake_broker.c - a broker of a few lines in a child process, for tests. */
#include "cli/fake_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/outside.h"
#include "cli/ws.h"

static const uint8_t broker_seed[KEY_BYTES] = { 7 };

void
fake_expect(bool good, const char *what, int line)
{
	if (good)
		return;
	(void)fprintf(
	    stderr, "fake broker: line %d does not hold: %s\n", line, what);
	_exit(1);
}

static void
read_some(struct fake_session *s)
{
	ssize_t n = recv(s->fd, buf_room(&s->in, 65536), 65536, 0);

	FAKE_EXPECT(n > 0);
	s->in.len += (size_t)n;
}

static void
write_all(struct fake_session *s, struct aicx_str bytes)
{
	FAKE_EXPECT(send(s->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL) ==
	    (ssize_t)bytes.len);
}

/* --- frames ---------------------------------------------------------- */

static void
send_text(struct fake_session *s, struct aicx_str text)
{
	struct buf frame = { 0 };

	FAKE_EXPECT(text.len < 65536);
	buf_char(&frame, (char)0x81);
	buf_char(&frame, 126);
	buf_char(&frame, (char)(text.len >> 8));
	buf_char(&frame, (char)text.len);
	buf_str(&frame, text);
	write_all(s, buf_view(&frame));
	buf_fini(&frame);
}

/* One masked text frame into s->text. */
static void
receive_text(struct fake_session *s)
{
	const uint8_t *at;
	size_t head = 6, n;

	while (s->in.len < 14)
		read_some(s);
	at = (const uint8_t *)s->in.ptr;
	FAKE_EXPECT(at[0] == 0x81 && (at[1] & 0x80));
	n = at[1] & 0x7F;
	if (n == 126)
		n = (size_t)at[2] << 8 | at[3], head = 8;
	else
		FAKE_EXPECT(n < 126);
	while (s->in.len < head + n)
		read_some(s);
	at = (const uint8_t *)s->in.ptr;
	buf_clear(&s->text);
	for (size_t i = 0; i < n; i++)
		buf_char(&s->text, (char)(at[head + i] ^ at[head - 4 + i % 4]));
	buf_shift(&s->in, head + n);
}

/* --- the handshake --------------------------------------------------- */

static void
upgrade(struct fake_session *s)
{
	struct buf answer = { 0 };

	do
		read_some(s);
	while (memmem(s->in.ptr, s->in.len, "\r\n\r\n", 4) == NULL);
	const char *key = strstr(buf_cstr(&s->in), "Sec-WebSocket-Key: ");
	FAKE_EXPECT(strncmp(s->in.ptr, "GET /ws HTTP/1.1\r\n", 18) == 0);
	FAKE_EXPECT(key != NULL);
	buf_printf(&answer,
	    "HTTP/1.1 %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: ",
	    s->lie == FAKE_STATUS ? "404 Not Found" : "101 Switching");
	ws_put_accept(&answer, (struct aicx_str) { key + 19, 24 });
	if (s->lie == FAKE_ACCEPT)
		answer.ptr[answer.len - 2] ^= 1;
	buf_text(&answer, "\r\n\r\n");
	write_all(s, buf_view(&answer));
	buf_fini(&answer);
	buf_clear(&s->in);
}

/* Signed by the broker's key, or by a stranger's. */
static void
send_signed(struct fake_session *s, const struct envelope_head *head,
    const struct buf *payload, bool stranger, struct buf *text)
{
	const uint8_t seed[KEY_BYTES] = { 9 };
	struct sign_key *other = sign_key_new(seed);

	envelope_print(text, head, buf_view(payload));
	envelope_sign_key(text, 0, stranger ? other : s->key);
	send_text(s, buf_view(text));
	sign_key_free(other);
}

static struct envelope_head
head_of(const struct fake_session *s, enum msg_type type)
{
	return (struct envelope_head) {
		.id = outside_id(),
		.sender_id = s->broker_id,
		.receiver_id = s->agent_id,
		.type = type,
		.timestamp_ms = outside_wall_ms(),
	};
}

static void
challenge(struct fake_session *s, uint8_t nonce[NONCE_BYTES], struct buf *text)
{
	struct envelope_head head = head_of(s, MSG_QUERY);
	struct buf payload = { 0 };

	outside_random(nonce, NONCE_BYTES);
	session_put_challenge(&payload, nonce, sign_key_public(s->key));
	send_signed(s, &head, &payload, s->lie == FAKE_CHALLENGE, text);
	buf_fini(&payload);
}

static void
answer_open(struct fake_session *s, const struct aicx_id *session_id,
    const uint8_t x25519[KEY_BYTES], struct buf *text)
{
	struct envelope_head head = head_of(s, MSG_RESULT);
	struct buf payload = { 0 };

	head.correlation_id = s->env.id;
	if (s->lie == FAKE_CORRELATION)
		head.correlation_id = outside_id();
	if (s->lie == FAKE_REFUSAL) {
		head.type = MSG_ERROR;
		buf_text(&payload,
		    "{\"title\":\"t\",\"detail\":\"this agent is shut out\","
		    "\"code\":\"denied\"}");
	} else {
		session_put_result(&payload, session_id, x25519);
	}
	send_signed(s, &head, &payload, s->lie == FAKE_RESULT, text);
	buf_fini(&payload);
}

void
fake_open(struct fake_session *s, enum fake_lie lie)
{
	struct buf asked = { 0 }, opened = { 0 }, answered = { 0 };
	uint8_t nonce[NONCE_BYTES], seed[KEY_BYTES], x25519[KEY_BYTES] = { 0 };
	struct aicx_id session_id = outside_id();
	struct session_open open;
	struct session_keys keys;

	s->lie = lie;
	upgrade(s);
	if (lie == FAKE_ACCEPT || lie == FAKE_STATUS)
		return;
	challenge(s, nonce, &asked);
	if (lie == FAKE_CHALLENGE)
		return;
	receive_text(s);
	buf_str(&opened, buf_view(&s->text));
	FAKE_EXPECT(envelope_split(buf_view(&opened), ENVELOPE_BYTES_MAX,
			&s->env, NULL) == AICX_OK);
	FAKE_EXPECT(envelope_scan(&s->env, NULL) == AICX_OK);
	FAKE_EXPECT(session_parse_open(s->env.payload, &open, NULL) == AICX_OK);
	FAKE_EXPECT(envelope_verify_key(&s->env, open.public_key));
	FAKE_EXPECT(memcmp(open.nonce, nonce, NONCE_BYTES) == 0);
	s->agent_id = s->env.sender_id;
	outside_random(seed, sizeof seed);
	if (lie != FAKE_SHARED)
		x25519_public(seed, x25519);
	answer_open(s, &session_id, x25519, &answered);
	if (lie == FAKE_SHARED)
		return;
	FAKE_EXPECT(session_derive(seed, open.x25519, buf_view(&asked),
			buf_view(&opened), buf_view(&answered), &keys,
			NULL) == AICX_OK);
	s->session_id = id_text(&session_id);
	s->to_agent = mac_new(keys.broker_to_agent, KEY_BYTES);
	s->to_broker = mac_new(keys.agent_to_broker, KEY_BYTES);
	buf_fini(&asked);
	buf_fini(&opened);
	buf_fini(&answered);
}

/* --- messages -------------------------------------------------------- */

void
fake_receive(struct fake_session *s, enum msg_type type)
{
	do {
		receive_text(s);
		FAKE_EXPECT(envelope_split(buf_view(&s->text),
				ENVELOPE_BYTES_MAX, &s->env, NULL) == AICX_OK);
		FAKE_EXPECT(envelope_verify_mac(&s->env, s->to_broker));
		FAKE_EXPECT(envelope_scan(&s->env, NULL) == AICX_OK);
	} while (s->env.type == MSG_HEARTBEAT && type != MSG_HEARTBEAT);
	FAKE_EXPECT(s->env.type == type);
}

struct aicx_id
fake_send(struct fake_session *s, enum msg_type type, const struct aicx_id *id,
    const struct aicx_id *correlation_id, const char *payload)
{
	struct envelope_head head = head_of(s, type);
	struct buf text = { 0 };

	if (id != NULL)
		head.id = *id;
	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	envelope_print(&text, &head, str_of(payload));
	envelope_sign_mac(&text, 0, s->to_agent, str_of(s->session_id.text));
	send_text(s, buf_view(&text));
	buf_fini(&text);
	return head.id;
}

/* --- the process ----------------------------------------------------- */

static void
serve(int listener, struct fake_broker *broker, int n_connections,
    fake_script *script)
{
	(void)alarm(20); /* a client that says nothing ends the test */
	for (int i = 0; i < n_connections; i++) {
		struct fake_session session = {
			.fd = accept(listener, NULL, NULL),
			.key = sign_key_new(broker_seed),
			.broker_id = broker->id,
		};
		FAKE_EXPECT(session.fd >= 0);
		script(&session, i);
		(void)close(session.fd);
	}
	_exit(0);
}

void
fake_broker_start(
    struct fake_broker *broker, int n_connections, fake_script *script)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sign_key *key = sign_key_new(broker_seed);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	FAKE_EXPECT(listener >= 0 &&
	    bind(listener, (struct sockaddr *)&at, sizeof at) == 0 &&
	    listen(listener, 8) == 0 &&
	    getsockname(listener, (struct sockaddr *)&at, &size) == 0);
	broker->id = outside_id();
	memcpy(broker->public_key, sign_key_public(key), KEY_BYTES);
	sign_key_free(key);
	(void)snprintf(broker->url, sizeof broker->url, "http://127.0.0.1:%u",
	    ntohs(at.sin_port));
	broker->pid = fork();
	if (broker->pid == 0)
		serve(listener, broker, n_connections, script);
	(void)close(listener);
}

bool
fake_broker_end(struct fake_broker *broker)
{
	int status;

	return waitpid(broker->pid, &status, 0) == broker->pid &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
