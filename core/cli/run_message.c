/* SPDX-License-Identifier: Apache-2.0 */
/* run_message.c - a signed message on standard output, for doors that aicx does
   not speak. */
#include <stdio.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/outside.h"
#include "cli/params.h"
#include "cli/run.h"
#include "protocol/envelope.h"

static aicx_err
need_key(const struct invocation *inv, struct aicx_error *reterr)
{
	aicx_err err = invocation_need_self(inv, reterr);

	if (err == AICX_OK && inv->self.key == NULL)
		err = err_set(reterr, AICX_EINVAL,
		    "identity %s has no private key to sign with; make one "
		    "that has: aicx agent keygen",
		    inv->self_path);
	return err;
}

int
run_message(struct invocation *inv)
{
	struct aicx_error why = { 0 };
	struct broker_card broker;
	struct buf payload = { 0 }, text = { 0 };

	aicx_err err = need_key(inv, &why);
	if (err == AICX_OK)
		err = params_print(inv, &payload, &why);
	if (err == AICX_OK)
		err = call_broker_card(inv, &broker, &why);
	if (err == AICX_OK) {
		struct envelope_head head = {
			.id = outside_id(),
			.sender_id = inv->self.agent_id,
			.receiver_id = broker.broker_id,
			.type = MSG_QUERY,
			.timestamp_ms = outside_wall_ms(),
		};
		envelope_print(&text, &head, buf_view(&payload));
		envelope_sign_key(&text, 0, inv->self.key);
		(void)fwrite(text.ptr, 1, text.len, stdout);
		(void)putchar('\n');
	}
	buf_fini(&payload);
	buf_fini(&text);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
