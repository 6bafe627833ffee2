/* SPDX-License-Identifier: Apache-2.0 */
/* door.h - the TLS of a listener, which may be read anew; this folder only. */
#ifndef LOOP_DOOR_H
#define LOOP_DOOR_H

#include "loop/inside.h"

struct tls_door;

aicx_err tls_door_new(struct loop *loop, const struct tls_server *server,
    struct tls_door **ret_door, struct aicx_error *reterr);
void tls_door_free(struct tls_door *door); /* NULL is legal */
/* Of the next connection. */
const struct tls_rules *tls_door_rules(const struct tls_door *door);

#endif
