/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_broker.h - a broker of a few lines in a child process, for tests of the
 * client's side; it follows a script and may lie.
 *
 * In the child a failed expectation prints its line and exits with 1.
 */
#ifndef CLI_FAKE_BROKER_H
#define CLI_FAKE_BROKER_H

#include "base/buf.h"
#include "base/id.h"
#include "cli/ws.h"
#include "protocol/envelope.h"
#include "protocol/session.h"

#include <stdbool.h>
#include <sys/types.h>

enum fake_lie {
	FAKE_HONEST,
	FAKE_ACCEPT, /* a wrong Sec-WebSocket-Accept */
	FAKE_STATUS, /* 404 instead of 101 */
	FAKE_CHALLENGE, /* not signed by the key it names */
	FAKE_RESULT, /* not signed by the broker */
	FAKE_CORRELATION, /* answers another request */
	FAKE_SHARED, /* an X25519 key that gives zeros */
	FAKE_REFUSAL /* an ERROR for session.open */
};

struct fake_session {
	int fd;
	enum fake_lie lie;
	struct buf in, text;
	struct sign_key *key;
	struct aicx_id broker_id, agent_id;
	struct id_text session_id;
	struct mac *to_agent, *to_broker;
	struct envelope env; /* of the last fake_receive() */
};

typedef void fake_script(struct fake_session *session, int n_connection);

struct fake_broker {
	pid_t pid;
	char url[64];
	uint8_t public_key[KEY_BYTES];
	struct aicx_id id;
};

/* Listens and runs the script for each of n connections, in turn. */
void fake_broker_start(
    struct fake_broker *broker, int n_connections, fake_script *script);
/* true when all of the script held. */
bool fake_broker_end(struct fake_broker *broker);

/* In the child. */
void fake_open(struct fake_session *session, enum fake_lie lie);
void fake_receive(struct fake_session *session, enum msg_type type);
struct aicx_id fake_send(struct fake_session *session, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    const char *payload);
void fake_expect(bool good, const char *what, int line);
#define FAKE_EXPECT(x) fake_expect((x), #x, __LINE__)

#endif
