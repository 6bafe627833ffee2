/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_conf.c - any text as a configuration file, its first section through a
 * table with every type, and the dump of that section read again.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"

struct settings {
	const char *str;
	const char *path;
	int64_t number;
	int64_t wait;
	int64_t room;
	struct aicx_money money;
	uint8_t flag;
};

static const struct aicx_option options[] = {
	{ AICX_FIELD(struct settings, str), .type = AICX_OPT_STR },
	{ AICX_FIELD(struct settings, path), .type = AICX_OPT_PATH },
	{ AICX_FIELD(struct settings, number), .type = AICX_OPT_INT, .min = -5,
	    .max = 70000 },
	{ AICX_FIELD(struct settings, wait), .type = AICX_OPT_MSEC, .min = 1 },
	{ AICX_FIELD(struct settings, room), .type = AICX_OPT_SIZE },
	{ AICX_FIELD(struct settings, money), .type = AICX_OPT_MONEY },
	{ AICX_FIELD(struct settings, flag), .type = AICX_OPT_BOOL },
	{ .name = NULL },
};

/* What was dumped must be read as the same values. */
static void
check_dump(const struct conf *conf, const struct conf_section *section)
{
	struct buf first = { 0 }, second = { 0 };
	struct conf *again = NULL;
	struct aicx_error err = { 0 };

	conf_dump(conf, section, options, &first);
	ENSURE(strcmp(section->kind, "currency") == 0 ||
	    conf_read_text("x/10-a.conf", buf_view(&first), &again, &err) ==
		AICX_OK);
	if (again != NULL) {
		conf_dump(again, &again->sections[0], options, &second);
		ENSURE(str_eq(buf_view(&first), buf_view(&second)));
	}
	conf_free(again);
	buf_fini(&first);
	buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aicx_str text = { (const char *)data, size };
	struct aicx_error err = { 0 };
	struct conf *conf = NULL;
	struct settings settings;
	struct arena mem = { 0 };

	if (conf_read_text("x/10-a.conf", text, &conf, &err) != AICX_OK) {
		ENSURE(conf == NULL && err.text[0] != '\0');
		return 0;
	}
	for (size_t i = 0; i < conf->n_sections; i++) {
		const struct conf_section *section = &conf->sections[i];
		if (conf_apply(conf, section, options, &settings,
			sizeof settings, &mem, NULL, NULL, &err) == AICX_OK)
			check_dump(conf, section);
	}
	arena_fini(&mem);
	conf_free(conf);
	return 0;
}
