/* SPDX-License-Identifier: Apache-2.0 */
/* door.c - the TLS of a listener, and the files that it is read from anew. */
#include "loop/door.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

struct tls_door {
	struct list link; /* in loop->doors */
	struct tls_server server; /* of what follows */
	char *certificate_file, *key_file, *client_ca;
	struct tls_rules *rules, *fresh; /* fresh: while all are read anew */
};

aicx_err
tls_door_new(struct loop *loop, const struct tls_server *server,
    struct tls_door **ret_door, struct aicx_error *reterr)
{
	struct tls_rules *rules;
	aicx_err err = tls_server_rules(server, &rules, reterr);

	if (err != AICX_OK)
		return err;
	struct tls_door *door = MEM_NEW(struct tls_door);
	door->rules = rules;
	door->certificate_file = mem_strdup(server->certificate_file);
	door->key_file = mem_strdup(server->key_file);
	if (server->client_ca.ptr != NULL)
		door->client_ca =
		    mem_copy(server->client_ca.ptr, server->client_ca.len);
	door->server = (struct tls_server) {
		.certificate_file = door->certificate_file,
		.key_file = door->key_file,
		.clients = server->clients,
		.client_ca = { door->client_ca, server->client_ca.len },
	};
	list_push(&loop->doors, &door->link);
	*ret_door = door;
	return AICX_OK;
}

void
tls_door_free(struct tls_door *door)
{
	if (door == NULL)
		return;
	list_remove(&door->link);
	tls_rules_free(door->rules);
	free(door->certificate_file);
	free(door->key_file);
	free(door->client_ca);
	free(door);
}

const struct tls_rules *
tls_door_rules(const struct tls_door *door)
{
	return door->rules;
}

static void
take_fresh(struct tls_door *door)
{
	if (door->fresh == NULL)
		return;
	tls_rules_free(door->rules);
	door->rules = door->fresh;
	door->fresh = NULL;
}

aicx_err
loop_tls_reload(
    struct loop *loop, size_t *ret_n_listeners, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;
	size_t n = 0;

	LIST_EACH (node, &loop->doors) {
		struct tls_door *door = LIST_ITEM(node, struct tls_door, link);
		if (err == AICX_OK)
			err = tls_server_rules(
			    &door->server, &door->fresh, reterr);
		n++;
	}
	LIST_EACH (node, &loop->doors) {
		struct tls_door *door = LIST_ITEM(node, struct tls_door, link);
		if (err == AICX_OK)
			take_fresh(door);
		tls_rules_free(door->fresh);
		door->fresh = NULL;
	}
	if (err == AICX_OK)
		*ret_n_listeners = n;
	return err;
}
