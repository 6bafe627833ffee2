/* SPDX-License-Identifier: Apache-2.0 */
/* conf_test.c - what the reader takes, and the exact words of what it does
   not. */
#include "conf/conf.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

struct settings {
	const char *label;
	const char *script;
	const char *token;
	int64_t port;
	int64_t wait;
	int64_t room;
	int64_t pin;
	struct aicx_money fee;
	const struct aicx_ref *store;
	uint8_t strict;
};

static const struct aicx_option options[] = {
	{ AICX_FIELD(struct settings, label), .type = AICX_OPT_STR },
	{ AICX_FIELD(struct settings, script), .type = AICX_OPT_PATH },
	{ AICX_FIELD(struct settings, token), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_SECRET },
	{ AICX_FIELD(struct settings, port), .type = AICX_OPT_INT,
	    .fallback = "8700", .min = 1, .max = 65535 },
	{ AICX_FIELD(struct settings, wait), .type = AICX_OPT_MSEC,
	    .fallback = "5s", .min = 10 },
	{ AICX_FIELD(struct settings, room), .type = AICX_OPT_SIZE,
	    .fallback = "64k", .max = 8 << 20 },
	{ AICX_FIELD(struct settings, pin), .type = AICX_OPT_INT,
	    .flags = AICX_OPTF_SECRET, .max = 9999 },
	{ AICX_FIELD(struct settings, fee), .type = AICX_OPT_MONEY },
	{ AICX_FIELD(struct settings, store), .type = AICX_OPT_REF, .min = 3 },
	{ AICX_FIELD(struct settings, strict), .type = AICX_OPT_BOOL,
	    .fallback = "yes" },
	{ .name = NULL },
};

static const char currency[] = "[currency \"AIC\"]\nscale = 6\n";

static struct conf *
conf_of(const char *text)
{
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };

	ck_assert_msg(conf_read_text("etc/10-a.conf", str_of(text), &conf,
			  &err) == AICX_OK,
	    "%s", err.text);
	return conf;
}

static void
assert_refused(const char *text, const char *why)
{
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };

	ck_assert_int_ne(
	    conf_read_text("etc/10-a.conf", str_of(text), &conf, &err),
	    AICX_OK);
	ck_assert_str_eq(err.text, why);
	ck_assert_ptr_null(conf);
}

static aicx_err
ref_store(const char *instance, uint32_t kind, const struct aicx_ref **ret_ref,
    void *arg, struct aicx_error *reterr)
{
	ck_assert_uint_eq(kind, 3);
	if (strcmp(instance, "main") != 0) {
		(void)snprintf(reterr->text, sizeof reterr->text, "unheard of");
		return AICX_EINVAL;
	}
	*ret_ref = arg;
	return AICX_OK;
}

static aicx_err
apply(const struct conf *conf, struct settings *settings, struct arena *mem,
    struct aicx_error *reterr)
{
	static const struct aicx_ref ref = { .kind = 3, .instance = "main" };

	return conf_apply(conf, conf_find(conf, "broker", NULL), options,
	    settings, sizeof *settings, mem, ref_store, (void *)&ref, reterr);
}

/* `line` in a [broker] section after a currency, so on line 4. */
static void
assert_option_refused(const char *line, const char *why)
{
	struct settings settings = { 0 };
	struct aicx_error err = { 0 };
	struct arena mem = { 0 };
	struct buf text = { 0 };

	buf_printf(&text, "%s[broker]\n%s\n", currency, line);
	struct conf *conf = conf_of(buf_cstr(&text));
	ck_assert_int_ne(apply(conf, &settings, &mem, &err), AICX_OK);
	ck_assert_str_eq(err.text, why);
	conf_free(conf);
	buf_fini(&text);
	arena_fini(&mem);
}

START_TEST(sections_and_values_are_read)
{
	struct conf *conf = conf_of("# a comment\n"
				    "\n"
				    "[pricing flat \"standard\"]   # another\n"
				    "per_call = 0.0025 AIC\r\n"
				    "\tper_unit=1 AIC # trailing\n"
				    "  [broker]\n"
				    "name = a#b  c\n"
				    "quoted = \" # \\\"x\\\\ \" # end\n"
				    "empty = \"\"");

	ck_assert_uint_eq(conf->n_sections, 2);
	const struct conf_section *flat = &conf->sections[0];
	ck_assert_str_eq(flat->kind, "pricing");
	ck_assert_str_eq(flat->plugin, "flat");
	ck_assert_str_eq(flat->instance, "standard");
	ck_assert_int_eq(flat->at.line, 3);
	ck_assert_uint_eq(flat->n_entries, 2);
	ck_assert_str_eq(flat->entries[0].value, "0.0025 AIC");
	ck_assert_str_eq(flat->entries[1].key, "per_unit");
	ck_assert_str_eq(flat->entries[1].value, "1 AIC");
	ck_assert_int_eq(flat->entries[1].value_at.line, 5);
	ck_assert_int_eq(flat->entries[1].value_at.column, 11);
	const struct conf_section *broker = conf_find(conf, "broker", NULL);
	ck_assert_ptr_eq(broker, &conf->sections[1]);
	ck_assert_ptr_null(broker->plugin);
	ck_assert_ptr_null(broker->instance);
	ck_assert_int_eq(broker->at.column, 3);
	ck_assert_str_eq(broker->entries[0].value, "a#b  c");
	ck_assert_str_eq(broker->entries[1].value, " # \"x\\ ");
	ck_assert_str_eq(broker->entries[2].value, "");
	ck_assert_ptr_null(conf_find(conf, "pricing", "other"));
	conf_free(conf);
}
END_TEST

START_TEST(malformed_lines_are_refused_at_their_column)
{
	assert_refused(
	    "x", "etc/10-a.conf:1:1: \"x\" stands before the first section");
	assert_refused("[broker]\nÄ = 1\n",
	    "etc/10-a.conf:2:1: expected a section like [broker], or key = "
	    "value");
	assert_refused("[broker]\nport 1\n",
	    "etc/10-a.conf:2:6: expected '=' after the key");
	assert_refused("[broker]\nport =  # none\n",
	    "etc/10-a.conf:2:9: value is missing (an empty one is written "
	    "\"\")");
	assert_refused("[broker]\nname = öö \"b\"\n",
	    "etc/10-a.conf:2:11: quotes go around a whole value");
	assert_refused("[broker]\nname = \"a\"b\n",
	    "etc/10-a.conf:2:11: quotes go around a whole value");
	assert_refused("[broker]\nname = \"a\" b\n",
	    "etc/10-a.conf:2:12: expected the end of the line after the quoted "
	    "value");
	assert_refused(
	    "[broker]\nname = \"a\n", "etc/10-a.conf:2:8: quote is not closed");
	assert_refused("[broker]\nname = \"a\\\n",
	    "etc/10-a.conf:2:10: expected \\\" or \\\\ after a backslash");
	assert_refused("[broker]\nname = \"a\\n\"\n",
	    "etc/10-a.conf:2:10: expected \\\" or \\\\ after a backslash");
	assert_refused(
	    "[broker]\nname = a\x01\n", "etc/10-a.conf:2:9: control character");
	assert_refused(
	    "[broker]\nname = \xff\n", "etc/10-a.conf:2:1: line is not UTF-8");
	assert_refused("[broker]\nabcdefghijklmnopqrstuvwxyzabcdef = 1\n",
	    "etc/10-a.conf:2:1: word is longer than 31 bytes");
}
END_TEST

START_TEST(malformed_headers_are_refused_at_their_column)
{
	assert_refused("[]",
	    "etc/10-a.conf:1:2: expected a section's kind, like [broker]");
	assert_refused("[broker", "etc/10-a.conf:1:8: expected ']'");
	assert_refused("[broker] x",
	    "etc/10-a.conf:1:10: expected the end of the line after ']'");
	assert_refused("[pricing flat]",
	    "etc/10-a.conf:1:14: expected an instance name in quotes after the "
	    "plugin");
	assert_refused("[currency \"\"]", "etc/10-a.conf:1:11: name is empty");
	assert_refused("[currency \"A/C\"]",
	    "etc/10-a.conf:1:11: name may hold letters, digits, '-', '_' and "
	    "'.' only");
}
END_TEST

START_TEST(a_key_set_twice_is_refused_with_both_places)
{
	assert_refused("[broker]\nport = 1\n\n port = 2\n",
	    "etc/10-a.conf:4:2: \"port\" is set twice in [broker] "
	    "(first at etc/10-a.conf:2:1)");
	struct conf *conf =
	    conf_of("[broker]\nport = 1\n[hook lua \"a\"]\nport = 2\n");
	conf_free(conf);
}
END_TEST

START_TEST(a_core_section_that_appears_twice_is_refused)
{
	assert_refused("[broker]\n[log]\n[broker]\n",
	    "etc/10-a.conf:3:1: section [broker] appears twice "
	    "(first at etc/10-a.conf:1:1)");
	assert_refused("[currency \"AIC\"]\nscale = 6\n[currency \"AIC\"]\n",
	    "etc/10-a.conf:3:1: section [currency \"AIC\"] appears twice "
	    "(first at etc/10-a.conf:1:1)");
}
END_TEST

START_TEST(currencies_come_from_their_sections)
{
	struct conf *conf = conf_of(
	    "[currency \"AIC\"]\nscale = 6\n[currency \"JPY\"]\nscale = 0\n");

	ck_assert_uint_eq(conf->currencies.n, 2);
	ck_assert_int_eq(
	    currencies_find(&conf->currencies, STR("AIC"))->scale, 6);
	ck_assert_int_eq(
	    currencies_find(&conf->currencies, STR("JPY"))->scale, 0);
	conf_free(conf);
}
END_TEST

START_TEST(wrong_currency_sections_are_refused)
{
	assert_refused("[currency]\nscale = 6\n",
	    "etc/10-a.conf:1:1: expected a currency's code, like [currency "
	    "\"AIC\"]");
	assert_refused("[currency \"AIC\"]\n",
	    "etc/10-a.conf:1:1: option \"scale\" is missing in [currency "
	    "\"AIC\"]");
	assert_refused("[currency \"AIC\"]\nscale = 10\n",
	    "etc/10-a.conf:2:9: option \"scale\": \"10\" is outside 0..9");
	assert_refused("[currency \"AIC\"]\nscal = 6\n",
	    "etc/10-a.conf:2:1: unknown option \"scal\" in [currency \"AIC\"] "
	    "(did you mean \"scale\"?)");
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };
	ck_assert_int_eq(
	    conf_read_text(
		"x.conf", STR("[currency \"aic\"]\nscale = 6\n"), &conf, &err),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "x.conf:1:1: "));
}
END_TEST

START_TEST(a_table_fills_the_settings)
{
	struct settings s = { 0 };
	struct aicx_error err = { 0 };
	struct arena mem = { 0 };
	struct buf text = { 0 };

	buf_printf(&text,
	    "%s[broker]\nlabel = two words\nscript = p/a.lua\ntoken = t\n"
	    "port = 65535\nwait = 2m\nroom = 8m\npin = 1234\nfee = 0.0025 AIC\n"
	    "store = main\nstrict = no\n",
	    currency);
	struct conf *conf = conf_of(buf_cstr(&text));
	ck_assert_msg(apply(conf, &s, &mem, &err) == AICX_OK, "%s", err.text);
	ck_assert_str_eq(s.label, "two words");
	ck_assert_str_eq(s.script, "etc/p/a.lua");
	ck_assert_str_eq(s.token, "t");
	ck_assert_int_eq(s.port, 65535);
	ck_assert_int_eq(s.wait, 120000);
	ck_assert_int_eq(s.room, 8 << 20);
	ck_assert_int_eq(s.fee.minor, 2500);
	ck_assert_str_eq(s.fee.currency, "AIC");
	ck_assert_str_eq(s.store->instance, "main");
	ck_assert_uint_eq(s.strict, 0);
	conf_free(conf);
	buf_fini(&text);
	arena_fini(&mem);
}
END_TEST

START_TEST(fallbacks_fill_what_is_not_written)
{
	struct settings s = { 0 };
	struct aicx_error err = { 0 };
	struct arena mem = { 0 };
	struct conf *conf = conf_of("[log]\n");

	memset(&s, 0xAA, sizeof s);
	ck_assert_msg(apply(conf, &s, &mem, &err) == AICX_OK, "%s", err.text);
	ck_assert_ptr_null(s.label);
	ck_assert_ptr_null(s.store);
	ck_assert_int_eq(s.port, 8700);
	ck_assert_int_eq(s.wait, 5000);
	ck_assert_int_eq(s.room, 65536);
	ck_assert_str_eq(s.fee.currency, "");
	ck_assert_uint_eq(s.strict, 1);
	conf_free(conf);
	arena_fini(&mem);
}
END_TEST

START_TEST(units_are_understood)
{
	static const struct {
		const char *line;
		int64_t wait, room;
	} cases[] = {
		{ "wait = 250ms", 250, 65536 },
		{ "wait = 1h", 3600000, 65536 },
		{ "room = 512", 5000, 512 },
		{ "room = 0", 5000, 0 },
		{ "room = 3k", 5000, 3072 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct settings s = { 0 };
		struct aicx_error err = { 0 };
		struct arena mem = { 0 };
		struct buf text = { 0 };
		buf_printf(&text, "[broker]\n%s\n", cases[i].line);
		struct conf *conf = conf_of(buf_cstr(&text));
		ck_assert_msg(
		    apply(conf, &s, &mem, &err) == AICX_OK, "%s", err.text);
		ck_assert_int_eq(s.wait, cases[i].wait);
		ck_assert_int_eq(s.room, cases[i].room);
		conf_free(conf);
		buf_fini(&text);
		arena_fini(&mem);
	}
}
END_TEST

START_TEST(wrong_values_are_refused_where_they_stand)
{
	assert_option_refused("port = abc",
	    "etc/10-a.conf:4:8: option \"port\": \"abc\" is not a whole "
	    "number");
	assert_option_refused("port = 1k",
	    "etc/10-a.conf:4:8: option \"port\": \"1k\" is not a whole number");
	assert_option_refused("port = 0",
	    "etc/10-a.conf:4:8: option \"port\": \"0\" is outside 1..65535");
	assert_option_refused("port = 99999999999999999999",
	    "etc/10-a.conf:4:8: option \"port\": \"99999999999999999999\" "
	    "is not a whole number");
	assert_option_refused("wait = 5",
	    "etc/10-a.conf:4:8: option \"wait\": \"5\" is not a time like "
	    "250ms, 5s, 2m or 1h");
	assert_option_refused("wait = -5s",
	    "etc/10-a.conf:4:8: option \"wait\": \"-5s\" is not a time like "
	    "250ms, 5s, 2m or 1h");
	assert_option_refused("wait = 9ms",
	    "etc/10-a.conf:4:8: option \"wait\": \"9ms\" is below 10 ms");
	assert_option_refused("wait = 9223372036854775807h",
	    "etc/10-a.conf:4:8: option \"wait\": \"9223372036854775807h\" "
	    "is not a time like 250ms, 5s, 2m or 1h");
	assert_option_refused("room = 9m",
	    "etc/10-a.conf:4:8: option \"room\": \"9m\" is outside "
	    "0..8388608 bytes");
	assert_option_refused("room = 1K",
	    "etc/10-a.conf:4:8: option \"room\": \"1K\" is not a size like "
	    "512, 64k, 8m or 1g");
	assert_option_refused("strict = true",
	    "etc/10-a.conf:4:10: option \"strict\": \"true\" is not yes or no");
	assert_option_refused(
	    "store = mian", "etc/10-a.conf:4:9: option \"store\": unheard of");
}
END_TEST

START_TEST(wrong_money_is_refused_where_it_stands)
{
	static const char *const lines[] = { "fee = 1", "fee = 1 EUR",
		"fee = -1 AIC", "fee = 0.0000001 AIC", "fee = 1e3 AIC" };

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct settings s = { 0 };
		struct aicx_error err = { 0 };
		struct arena mem = { 0 };
		struct buf text = { 0 };
		buf_printf(&text, "%s[broker]\n%s\n", currency, lines[i]);
		struct conf *conf = conf_of(buf_cstr(&text));
		ck_assert_int_eq(apply(conf, &s, &mem, &err), AICX_EINVAL);
		ck_assert_ptr_nonnull(
		    strstr(err.text, "etc/10-a.conf:4:7: option \"fee\": "));
		conf_free(conf);
		buf_fini(&text);
		arena_fini(&mem);
	}
}
END_TEST

START_TEST(an_unknown_option_is_refused_with_the_nearest_name)
{
	assert_option_refused("  prot = 1",
	    "etc/10-a.conf:4:3: unknown option \"prot\" in [broker] "
	    "(did you mean \"port\"?)");
	assert_option_refused("zzzzzzzz = 1",
	    "etc/10-a.conf:4:1: unknown option \"zzzzzzzz\" in [broker]");
}
END_TEST

START_TEST(a_secret_is_not_repeated_in_an_error)
{
	assert_option_refused("pin = hunter2",
	    "etc/10-a.conf:4:7: option \"pin\": \"********\" is not a whole "
	    "number");
	assert_option_refused("pin = 10000",
	    "etc/10-a.conf:4:7: option \"pin\": \"********\" is outside "
	    "0..9999");
}
END_TEST

static aicx_err
apply_table(
    const struct aicx_option *table, size_t size, struct aicx_error *reterr)
{
	char settings[64];
	struct arena mem = { 0 };
	struct conf *conf = conf_of("[broker]\n");
	aicx_err err = conf_apply(conf, &conf->sections[0], table, settings,
	    size, &mem, NULL, NULL, reterr);

	conf_free(conf);
	arena_fini(&mem);
	return err;
}

START_TEST(a_required_option_points_at_the_header)
{
	static const struct aicx_option table[] = {
		{ .name = "key",
		    .size = sizeof(char *),
		    .type = AICX_OPT_STR,
		    .flags = AICX_OPTF_REQUIRED },
		{ .name = NULL },
	};
	struct aicx_error err = { 0 };

	ck_assert_int_eq(apply_table(table, 8, &err), AICX_EINVAL);
	ck_assert_str_eq(err.text,
	    "etc/10-a.conf:1:1: option \"key\" is missing in [broker]");
}
END_TEST

START_TEST(a_wrong_table_is_refused_before_it_is_followed)
{
	struct aicx_option table[] = {
		{ .name = "n", .size = 4, .type = AICX_OPT_INT },
		{ .name = NULL },
	};
	struct aicx_error err = { 0 };

	ck_assert_int_eq(apply_table(table, 64, &err), AICX_EABI);
	ck_assert_str_eq(err.text,
	    "etc/10-a.conf:1:1: option \"n\" has a field of 4 bytes, "
	    "its type needs 8");
	table[0].size = 8;
	table[0].offset = 57;
	ck_assert_int_eq(apply_table(table, 64, &err), AICX_EABI);
	ck_assert_str_eq(err.text,
	    "etc/10-a.conf:1:1: option \"n\" lies outside the settings");
	table[0].type = 99;
	ck_assert_int_eq(apply_table(table, 64, &err), AICX_EABI);
	ck_assert_str_eq(err.text,
	    "etc/10-a.conf:1:1: option \"n\" has the unknown type 99");
	table[0].type = AICX_OPT_INT;
	table[0].offset = 0;
	table[0].fallback = "many";
	ck_assert_int_eq(apply_table(table, 64, &err), AICX_EINVAL);
	ck_assert_str_eq(err.text,
	    "etc/10-a.conf:1:1: fallback of option \"n\": \"many\" "
	    "is not a whole number");
}
END_TEST

START_TEST(a_dump_shows_fallbacks_and_hides_secrets)
{
	struct buf out = { 0 };
	struct conf *conf = conf_of("[hook lua \"a\"]\n"
				    "token = \"open sesame\"\n"
				    "label = \" a \\\"b\\\\ # \"\n"
				    "script = a#b\n");

	conf_dump(conf, &conf->sections[0], options, &out);
	ck_assert_str_eq(buf_cstr(&out),
	    "[hook lua \"a\"]\n"
	    "label = \" a \\\"b\\\\ # \"\n"
	    "script = a#b\n"
	    "token = ********\n"
	    "port = 8700\n"
	    "wait = 5s\n"
	    "room = 64k\n"
	    "strict = yes\n");
	struct conf *again = conf_of(buf_cstr(&out));
	ck_assert_str_eq(again->sections[0].entries[0].value, " a \"b\\ # ");
	conf_free(again);
	conf_free(conf);
	buf_fini(&out);
}
END_TEST

START_TEST(an_unknown_section_is_refused_with_the_nearest_kind)
{
	static const char *const kinds[] = { "broker", "pricing", NULL };
	struct aicx_error err = { 0 };
	struct conf *conf = conf_of("[broker]\n[pricng flat \"a\"]\n");

	ck_assert_int_eq(conf_check_kinds(conf, kinds, &err), AICX_EINVAL);
	ck_assert_str_eq(err.text,
	    "etc/10-a.conf:2:1: unknown section [pricng flat \"a\"] "
	    "(did you mean \"pricing\"?)");
	conf_free(conf);
	conf = conf_of("[broker]\n[pricing flat \"a\"]\n");
	ck_assert_int_eq(conf_check_kinds(conf, kinds, &err), AICX_OK);
	conf_free(conf);
}
END_TEST

START_TEST(a_long_file_name_does_not_push_the_reason_out)
{
	char file[300];
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };

	memset(file, 'd', sizeof file);
	(void)snprintf(file + 280, 20, "/10-a.conf");
	ck_assert_int_eq(
	    conf_read_text(file, STR("[broker"), &conf, &err), AICX_EINVAL);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "d/10-a.conf:1:8: expected ']'"));
	ck_assert_int_eq(strncmp(err.text, "...ddd", 6), 0);
}
END_TEST

/* --- folders -------------------------------------------------------------- */

struct folder {
	char path[64];
};

static struct folder
folder_new(void)
{
	struct folder folder;

	(void)snprintf(folder.path, sizeof folder.path, "/tmp/conf-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder.path));
	return folder;
}

static void
put_file(const struct folder *folder, const char *name, const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
folder_free(const struct folder *folder)
{
	char command[128];

	(void)snprintf(command, sizeof command, "rm -r '%s'", folder->path);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(files_are_read_in_name_order_and_others_are_left_alone)
{
	struct folder folder = folder_new();
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };

	put_file(&folder, "20-b.conf", "[second]\n");
	put_file(&folder, "10-a.conf", "[first]\n");
	put_file(&folder, "15-off.conf.disabled", "nonsense");
	put_file(&folder, "1-a.conf", "nonsense");
	put_file(&folder, "README", "nonsense");
	ck_assert_msg(
	    conf_read(folder.path, &conf, &err) == AICX_OK, "%s", err.text);
	ck_assert_uint_eq(conf->n_sections, 2);
	ck_assert_str_eq(conf->sections[0].kind, "first");
	ck_assert_str_eq(conf->sections[1].kind, "second");
	ck_assert_str_eq(conf->dir, folder.path);
	conf_free(conf);
	folder_free(&folder);
}
END_TEST

START_TEST(a_section_does_not_reach_into_the_next_file)
{
	struct folder folder = folder_new();
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };
	char want[128];

	put_file(&folder, "10-a.conf", "[broker]\n");
	put_file(&folder, "20-b.conf", "port = 1\n");
	ck_assert_int_eq(conf_read(folder.path, &conf, &err), AICX_EINVAL);
	(void)snprintf(want, sizeof want,
	    "%s/20-b.conf:1:1: \"port\" stands before the first section",
	    folder.path);
	ck_assert_str_eq(err.text, want);
	folder_free(&folder);
}
END_TEST

START_TEST(an_empty_folder_a_missing_one_and_a_large_file_are_refused)
{
	struct folder folder = folder_new();
	struct conf *conf = NULL;
	struct aicx_error err = { 0 };
	char want[128];

	ck_assert_int_eq(conf_read(folder.path, &conf, &err), AICX_ENOTFOUND);
	(void)snprintf(want, sizeof want,
	    "no file like \"10-broker.conf\" in \"%s\"", folder.path);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(conf_read("/nonexistent", &conf, &err), AICX_EIO);
	ck_assert_str_eq(err.text,
	    "cannot read \"/nonexistent\": No such file or directory");
	char *large = mem_new(CONF_FILE_BYTES_MAX + 2);
	memset(large, '\n', CONF_FILE_BYTES_MAX + 1);
	put_file(&folder, "10-a.conf", large);
	free(large);
	ck_assert_int_eq(conf_read(folder.path, &conf, &err), AICX_ELIMIT);
	(void)snprintf(want, sizeof want,
	    "%s/10-a.conf: file is larger than 1048576 bytes", folder.path);
	ck_assert_str_eq(err.text, want);
	folder_free(&folder);
}
END_TEST

int
main(void)
{
	TCase *texts = tcase_create("texts"), *tables = tcase_create("tables"),
	      *folders = tcase_create("folders");
	Suite *suite = suite_create("conf");

	tcase_add_test(texts, sections_and_values_are_read);
	tcase_add_test(texts, malformed_lines_are_refused_at_their_column);
	tcase_add_test(texts, malformed_headers_are_refused_at_their_column);
	tcase_add_test(texts, a_key_set_twice_is_refused_with_both_places);
	tcase_add_test(texts, a_core_section_that_appears_twice_is_refused);
	tcase_add_test(texts, currencies_come_from_their_sections);
	tcase_add_test(texts, wrong_currency_sections_are_refused);
	tcase_add_test(
	    texts, an_unknown_section_is_refused_with_the_nearest_kind);
	tcase_add_test(texts, a_long_file_name_does_not_push_the_reason_out);
	tcase_add_test(tables, a_table_fills_the_settings);
	tcase_add_test(tables, fallbacks_fill_what_is_not_written);
	tcase_add_test(tables, units_are_understood);
	tcase_add_test(tables, wrong_values_are_refused_where_they_stand);
	tcase_add_test(tables, wrong_money_is_refused_where_it_stands);
	tcase_add_test(
	    tables, an_unknown_option_is_refused_with_the_nearest_name);
	tcase_add_test(tables, a_secret_is_not_repeated_in_an_error);
	tcase_add_test(tables, a_required_option_points_at_the_header);
	tcase_add_test(tables, a_wrong_table_is_refused_before_it_is_followed);
	tcase_add_test(tables, a_dump_shows_fallbacks_and_hides_secrets);
	tcase_add_test(
	    folders, files_are_read_in_name_order_and_others_are_left_alone);
	tcase_add_test(folders, a_section_does_not_reach_into_the_next_file);
	tcase_add_test(folders,
	    an_empty_folder_a_missing_one_and_a_large_file_are_refused);
	suite_add_tcase(suite, texts);
	suite_add_tcase(suite, tables);
	suite_add_tcase(suite, folders);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
