/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_ledger.c - proofs from a running broker, and the records in a data folder
 * of one that does not run: audited and exported.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/audit.h"
#include "cli/call.h"
#include "cli/file.h"
#include "cli/params.h"
#include "cli/run.h"
#include "protocol/checkpoint.h"

/* --- from a running broker -------------------------------------------- */

static aicx_err
fetch(struct invocation *inv, struct buf *ret, struct aicx_error *reterr)
{
	struct broker_card card;
	struct buf params = { 0 };
	struct call call = { .route = &inv->words->verb->route };

	/* So that what comes can be verified here afterwards. */
	aicx_err err = call_broker_card(inv, &card, reterr);
	if (err == AICX_OK)
		err = params_print(inv, &params, reterr);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = call_broker(inv, &call, ret, reterr);
	buf_fini(&params);
	return err;
}

static aicx_err
save_or_show(
    struct invocation *inv, struct aicx_str text, struct aicx_error *reterr)
{
	const char *path = invocation_value(inv, "save");

	if (path != NULL)
		return file_replace(path, 0644, text, reterr);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	if (text.len > 0 && text.ptr[text.len - 1] != '\n')
		(void)putchar('\n');
	return AICX_OK;
}

int
run_ledger_fetch(struct invocation *inv)
{
	struct buf text = { 0 };
	struct aicx_error why = { 0 };

	aicx_err err = fetch(inv, &text, &why);
	if (err == AICX_OK)
		err = save_or_show(inv, buf_view(&text), &why);
	buf_fini(&text);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}

/* The note itself is the file. */
int
run_ledger_checkpoint(struct invocation *inv)
{
	struct buf text = { 0 };
	struct aicx_error why = { 0 };
	struct json doc;

	aicx_err err = fetch(inv, &text, &why);
	if (err == AICX_OK)
		err = json_parse(buf_view(&text), &inv->arena, &doc, &why);
	if (err == AICX_OK && inv->json &&
	    invocation_value(inv, "save") == NULL)
		err = save_or_show(inv, buf_view(&text), &why);
	else if (err == AICX_OK)
		err = save_or_show(inv,
		    json_str(
			json_get(json_root(&doc), "checkpoint"), &inv->arena),
		    &why);
	buf_fini(&text);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}

/* A broker whose clock does not fit to its records waits for this. */
int
run_ledger_clock(struct invocation *inv)
{
	const char *what = invocation_value(inv, "accept");
	struct aicx_error why = { 0 };

	if (strcmp(what, "accept") == 0)
		return run_route(inv);
	(void)err_word(&why, AICX_EINVAL, "usage",
	    "ledger clock: \"%s\" is not known; what can be said is "
	    "\"accept\"",
	    what);
	return invocation_fail(&why);
}

/* --- in a data folder ------------------------------------------------- */

struct vault_place
ledger_place(const struct invocation *inv)
{
	const char *conf = invocation_value(inv, "conf");
	const char *plugins = invocation_value(inv, "plugins");

	return (struct vault_place) {
		.conf_dir = conf ? conf : AICX_SYSCONFDIR "/conf.d",
		.plugin_dir = plugins ? plugins : AICX_PLUGINDIR,
		.data_dir = invocation_value(inv, "data"),
	};
}

aicx_err
ledger_kept_read(
    const struct invocation *inv, struct buf *ret, struct aicx_error *reterr)
{
	const char *path = invocation_value(inv, "checkpoint");
	struct checkpoint checkpoint;

	if (path == NULL)
		return AICX_OK;
	aicx_err err = file_read(path, CHECKPOINT_MAX, ret, reterr);
	if (err == AICX_OK)
		err = checkpoint_parse(buf_view(ret), &checkpoint, reterr);
	return err;
}

static int
audit_place(struct invocation *inv, const struct vault_place *place,
    struct aicx_str kept)
{
	struct aicx_error why = { 0 };
	struct buf report = { 0 };
	struct audit audit = { .kept = kept,
		.kept_name = invocation_value(inv, "checkpoint"),
		.report = &report };
	enum verdict verdict = VERDICT_UNREADABLE;

	if (vault_open(place, &audit.vault, &why) == AICX_OK)
		verdict = audit_run(&audit, &why);
	vault_close(audit.vault);
	if (verdict != VERDICT_UNREADABLE)
		verify_say(&report, verdict);
	run_print_report(inv, buf_view(&report), verdict);
	if (verdict == VERDICT_UNREADABLE)
		(void)invocation_fail(&why);
	buf_fini(&report);
	return (int)verdict;
}

int
run_ledger_audit(struct invocation *inv)
{
	struct vault_place place = ledger_place(inv);
	struct aicx_error why = { 0 };
	struct buf kept = { 0 };

	if (place.data_dir == NULL)
		return run_route(inv);
	if (ledger_kept_read(inv, &kept, &why) != AICX_OK) {
		buf_fini(&kept);
		return invocation_fail(&why);
	}
	int status = audit_place(inv, &place, buf_view(&kept));
	buf_fini(&kept);
	return status;
}

/* --- export ----------------------------------------------------------- */

struct export
{
	FILE *out;
	struct ledger_check *check;
	uint64_t n_wanted; /* what the checkpoint covers */
	uint64_t n_beyond;
};

static bool
put_line(struct export *export, struct aicx_str line)
{
	return fwrite(line.ptr, 1, line.len, export->out) == line.len &&
	    putc('\n', export->out) != EOF &&
	    ledger_check_line(export->check, line);
}

static bool
on_record(uint64_t seq, struct aicx_str record, void *arg)
{
	struct export *export = arg;

	if (seq <= export->n_wanted)
		return put_line(export, record);
	export->n_beyond++;
	return true;
}

/* Writes and verifies as it goes; what does not verify is no ledger. */
static aicx_err
export_write(struct export *export, struct vault *vault, struct aicx_str note,
    struct buf *report, struct aicx_error *reterr)
{
	struct trusted broker = audit_trusted(vault);
	struct trust trust = { &broker, 1, true };
	struct verify_set *set = verify_set_new();
	struct buf line = { 0 };

	export->check = ledger_check_new("the store", &trust, set, report);
	audit_put_head(vault, &line);
	bool good = put_line(export, buf_view(&line));
	aicx_err err = vault_records(vault, on_record, export, reterr);
	buf_clear(&line);
	audit_put_end(note, &line);
	good = good && put_line(export, buf_view(&line)) &&
	    fflush(export->out) == 0;
	if (ledger_check_end(export->check) != VERDICT_GOOD && err == AICX_OK)
		err = err_set(reterr, AICX_EIO,
		    "the records are broken: aicx ledger audit tells where");
	if (!good && err == AICX_OK)
		err = err_set(reterr, AICX_EIO, "cannot write the ledger: %s",
		    strerror(errno));
	buf_fini(&line);
	verify_set_free(set);
	return err;
}

static aicx_err
export_open(struct export *export, const struct vault_place *place,
    struct vault **ret_vault, struct buf *ret_note, struct aicx_error *reterr)
{
	struct checkpoint checkpoint;
	aicx_err err = vault_open(place, ret_vault, reterr);

	if (err == AICX_OK)
		err = vault_checkpoint(*ret_vault, ret_note, reterr);
	if (err == AICX_OK && ret_note->len == 0)
		err = err_set(reterr, AICX_ENOTFOUND,
		    "the store has no checkpoint yet: start the broker and "
		    "stop it");
	if (err == AICX_OK)
		err = checkpoint_parse(buf_view(ret_note), &checkpoint, reterr);
	if (err == AICX_OK)
		export->n_wanted = checkpoint.n_leaves;
	return err;
}

static aicx_err
draft_open(
    const char *path, struct buf *draft, FILE **ret, struct aicx_error *reterr)
{
	buf_printf(draft, "%s.part", path);
	*ret = fopen(buf_cstr(draft), "we");
	if (*ret != NULL)
		return AICX_OK;
	return err_set(reterr, AICX_EIO, "cannot write \"%s\": %s",
	    buf_cstr(draft), strerror(errno));
}

/* Only a whole and good ledger gets the name; the descriptor of the folder that
   the names are in outlives the change to the data folder. */
int
run_ledger_export(struct invocation *inv)
{
	struct vault_place place = ledger_place(inv);
	const char *path = invocation_value(inv, "save");
	struct export export = { .out = stdout };
	struct aicx_error why = { 0 };
	struct buf draft = { 0 }, note = { 0 }, report = { 0 };
	struct vault *vault = NULL;
	char *here = getcwd(NULL, 0);
	aicx_err err = AICX_OK;

	if (path != NULL)
		err = draft_open(path, &draft, &export.out, &why);
	if (err == AICX_OK)
		err = export_open(&export, &place, &vault, &note, &why);
	if (err == AICX_OK)
		err = export_write(
		    &export, vault, buf_view(&note), &report, &why);
	vault_close(vault);
	if (here != NULL && chdir(here) != 0)
		err = err_set(&why, AICX_EIO, "cannot go back to \"%s\"", here);
	if (path != NULL && export.out != NULL) {
		bool written = fclose(export.out) == 0 && err == AICX_OK;
		if (written && rename(buf_cstr(&draft), path) != 0)
			err = err_set(&why, AICX_EIO, "cannot write \"%s\": %s",
			    path, strerror(errno));
		if (!written)
			(void)unlink(buf_cstr(&draft));
	}
	if (err == AICX_OK && export.n_beyond > 0)
		invocation_note("%" PRIu64 " records after the last checkpoint "
				"are not in it",
		    export.n_beyond);
	free(here);
	buf_fini(&draft);
	buf_fini(&note);
	buf_fini(&report);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
