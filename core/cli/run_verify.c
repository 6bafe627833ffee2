/* SPDX-License-Identifier: Apache-2.0 */
/* run_verify.c - aicx verify: reads the files and the trusted keys, prints the
   report.  The judging is in verify.c. */
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/file.h"
#include "cli/run.h"
#include "cli/verify.h"

enum {
	TRUST_BYTES_MAX = 64 * 1024,
	HEAD_BYTES_MAX = 64 * 1024,
	LINE_BYTES_MAX = 16 * 1024 * 1024 /* of a ledger */
};

/* {"public_key","broker_id"?} as /.well-known/aiconexus prints it. */
static bool
trusted_from_json(
    struct aicx_str text, struct arena *arena, struct trusted *ret)
{
	struct json doc;

	if (json_parse(text, arena, &doc, NULL) != AICX_OK)
		return false;
	struct json_ref root = json_root(&doc);
	struct aicx_str key = json_str(json_get(root, "public_key"), arena);
	if (key.ptr == NULL)
		key = json_str(json_get(root, "broker_key"), arena);
	(void)id_parse(
	    json_str(json_get(root, "broker_id"), arena), &ret->broker_id);
	return b64_parse(key, ret->key, KEY_BYTES);
}

/* A line of known_brokers, or a key alone. */
static bool
trusted_from_line(struct aicx_str line, struct trusted *ret)
{
	struct aicx_str rest, id;

	if (b64_parse(line, ret->key, KEY_BYTES))
		return true;
	(void)str_cut(line, ' ', &rest);
	id = str_cut(str_trim(rest), ' ', &rest);
	return id_parse(id, &ret->broker_id) &&
	    b64_parse(str_trim(rest), ret->key, KEY_BYTES);
}

static struct aicx_str
strip(struct aicx_str text)
{
	while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]))
		text.len--;
	return text;
}

static aicx_err
trust_file(struct invocation *inv, const char *path, struct trust *trust,
    struct aicx_error *reterr)
{
	struct trusted *one = arena_new(&inv->arena, sizeof *one);
	struct buf text = { 0 };

	aicx_err err = file_read(path, TRUST_BYTES_MAX, &text, reterr);
	if (err == AICX_OK &&
	    !trusted_from_json(buf_view(&text), &inv->arena, one) &&
	    !trusted_from_line(strip(buf_view(&text)), one))
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "\"%s\" holds no public key: it is base64url of 32 bytes, "
		    "or what the broker shows at /.well-known/aiconexus",
		    path);
	buf_fini(&text);
	one->source = arena_printf(&inv->arena, "%s", path);
	*trust = (struct trust) { one, 1, true };
	return err;
}

static aicx_err
trust_pins(
    struct invocation *inv, struct trust *trust, struct aicx_error *reterr)
{
	struct pins pins;

	aicx_err err = invocation_pins(inv, &pins, reterr);
	if (err != AICX_OK)
		return err;
	struct trusted *list =
	    arena_new(&inv->arena, (pins.n + 1) * sizeof *list);
	for (size_t i = 0; i < pins.n; i++) {
		list[i].broker_id = pins.list[i].broker_id;
		list[i].source = arena_printf(
		    &inv->arena, "%s:%d", pins.path, pins.list[i].line);
		memcpy(list[i].key, pins.list[i].key, KEY_BYTES);
	}
	*trust = (struct trust) { list, pins.n, false };
	return AICX_OK;
}

static void
print_line(struct aicx_str line, bool color)
{
	const char *before = "";

	if (color && str_starts(line, "ok "))
		before = "\033[32m";
	else if (color &&
	    (str_starts(line, "BAD ") || str_starts(line, "broken")))
		before = "\033[31m";
	(void)printf(
	    "%s%.*s%s\n", before, STR_ARG(line), before[0] ? "\033[0m" : "");
}

void
run_print_report(
    const struct invocation *inv, struct aicx_str report, enum verdict verdict)
{
	static const char *const names[] = { "good", "broken", "unreadable",
		"unknown_key" };
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "verdict");
	json_put_text(&w, names[verdict]);
	json_key(&w, "status");
	json_put_int(&w, verdict);
	json_key(&w, "lines");
	json_open(&w, '[');
	while (report.len > 0) {
		struct aicx_str line = str_cut(report, '\n', &report);
		json_put_str(&w, line);
		if (!inv->json)
			print_line(line, inv->color_out);
	}
	json_close(&w);
	json_close(&w);
	if (inv->json)
		(void)printf("%s\n", buf_cstr(&text));
	buf_fini(&text);
}

struct judging {
	struct trust trust;
	struct verify_set *set;
	struct buf report;
	enum verdict verdict; /* of all */
	bool several;
};

/* The gravest verdict is that of all. */
static void
judged(struct judging *judging, enum verdict verdict)
{
	static const int gravity[] = { [VERDICT_GOOD] = 0,
		[VERDICT_UNKNOWN_KEY] = 1,
		[VERDICT_UNREADABLE] = 2,
		[VERDICT_BROKEN] = 3 };

	if (gravity[verdict] > gravity[judging->verdict])
		judging->verdict = verdict;
	if (judging->several)
		verify_say(&judging->report, verdict);
}

static bool
line_look(struct aicx_str line, void *arg)
{
	*(bool *)arg = verify_is_ledger(line);
	return false;
}

/* A ledger may be larger than memory, so its first line is looked at alone. */
static bool
is_ledger(const char *path)
{
	bool is = false;

	if (strcmp(path, "-") != 0)
		(void)file_lines(path, HEAD_BYTES_MAX, line_look, &is, NULL);
	return is;
}

static bool
line_check(struct aicx_str line, void *arg)
{
	return ledger_check_line(arg, line);
}

static aicx_err
judge_ledger(struct judging *judging, const char *path, struct aicx_error *why)
{
	struct ledger_check *check = ledger_check_new(
	    path, &judging->trust, judging->set, &judging->report);

	aicx_err err = file_lines(path, LINE_BYTES_MAX, line_check, check, why);
	judged(judging, ledger_check_end(check));
	return err;
}

static aicx_err
judge_file(struct judging *judging, const char *path, struct aicx_error *why)
{
	struct buf text = { 0 };

	aicx_err err = file_read(path, FILE_BYTES_MAX, &text, why);
	if (err == AICX_OK)
		judged(judging,
		    verify_file(path, buf_view(&text), &judging->trust,
			judging->set, &judging->report));
	buf_fini(&text);
	return err;
}

/* All files but ledgers, or the ledgers. */
static void
judge_all(
    struct judging *judging, const struct invocation *inv, bool the_ledgers)
{
	const struct words *words = inv->words;

	for (size_t i = 0; i < words->n_given; i++) {
		const char *path = words->given[i].text;
		struct aicx_error why = { 0 };
		if (strcmp(words->given[i].arg->name, "FILE") != 0 ||
		    is_ledger(path) != the_ledgers)
			continue;
		if (judging->several)
			buf_printf(&judging->report, "%s:\n", path);
		if ((the_ledgers ? judge_ledger(judging, path, &why)
				 : judge_file(judging, path, &why)) == AICX_OK)
			continue;
		(void)invocation_fail(&why);
		judged(judging, VERDICT_UNREADABLE);
	}
}

static size_t
count_files(const struct words *words)
{
	size_t n = 0;

	for (size_t i = 0; i < words->n_given; i++)
		n += strcmp(words->given[i].arg->name, "FILE") == 0;
	return n;
}

int
run_verify(struct invocation *inv)
{
	const char *path = invocation_value(inv, "trust");
	struct judging judging = { .several = count_files(inv->words) > 1 };
	struct aicx_error why = { 0 };

	aicx_err err = path != NULL
	    ? trust_file(inv, path, &judging.trust, &why)
	    : trust_pins(inv, &judging.trust, &why);
	if (err != AICX_OK)
		return invocation_fail(&why);
	judging.set = verify_set_new();
	judge_all(&judging, inv, false);
	judge_all(&judging, inv, true);
	verify_compare(judging.set, &judging.report);
	if (judging.several)
		buf_text(&judging.report, "all of them:\n");
	if (judging.several || judging.verdict != VERDICT_UNREADABLE)
		verify_say(&judging.report, judging.verdict);
	run_print_report(inv, buf_view(&judging.report), judging.verdict);
	verify_set_free(judging.set);
	buf_fini(&judging.report);
	return (int)judging.verdict;
}
