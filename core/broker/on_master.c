/* SPDX-License-Identifier: Apache-2.0 */
/* on_master.c - another master key, by the operator; who keeps it makes it. */
#include "base/err.h"
#include "base/str.h"
#include "broker/handlers.h"

struct rotate_params {
	PARAMS;
};

const struct field rotate_master_key_params[] = {
	PARAMS_METHOD(struct rotate_params),
	FIELD_END,
};
PARAMS_SIZE(rotate_master_key, rotate_params);

/* The record tells of it only; the keys are on disk before it. */
aicx_err
on_rotate_master_key(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;

	(void)params;
	if (broker->ports.rotate == NULL)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "nobody here keeps a master key");
	aicx_err err = broker->ports.rotate(broker->ports.arg, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "master_key.rotate", NULL);
	struct json_writer w = step_reply(step);
	json_key(&w, "data_keys");
	json_put_int(&w, (int64_t)keyring_len(broker->keys.ring));
	json_close(&w);
	return call_commit(call, step, 200, reterr);
}
