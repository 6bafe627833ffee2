/* SPDX-License-Identifier: Apache-2.0 */
/* load_nng.h - parties that go on over NNG. */
#ifndef BENCH_LOAD_NNG_H
#define BENCH_LOAD_NNG_H

#include "party.h"

/* Leaves the session that it has for one at transport_nng, url being
   http://HOST:PORT for its tcp://, and joins the crowd.  n_polls: requests for
   the next message that are kept under way. */
void nng_move(struct party *party, const struct url *url, int n_polls);
void nng_frame(struct channel *channel, struct aicx_str text);

#endif
