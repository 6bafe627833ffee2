/* SPDX-License-Identifier: Apache-2.0 */
/* vault.c - configuration, plugin, store: as the daemon opens it, without the
   daemon. */
#include "cli/vault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/broker.h"
#include "broker/catalog.h"
#include "cli/file.h"
#include "conf/conf.h"
#include "module/module.h"

#include <aiconexus/store.h>

enum { KEYS_BYTES_MAX = 256 * 1024 };

struct vault {
	struct conf *conf;
	struct conf part; /* of conf: the store alone */
	struct arena mem;
	struct broker_settings settings;
	struct loop *loop;
	struct modules *modules;
	const struct aicx_store_ops *ops;
	void *store;
	struct aicx_id broker_id;
	uint8_t key[KEY_BYTES];
};

/* --- opening ---------------------------------------------------------- */

static aicx_err
keys_read(struct vault *vault, const char *data_dir, struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct arena mem = { NULL };
	struct aicx_error why = { 0 };
	struct json doc;
	aicx_err err =
	    file_read("broker.identity", KEYS_BYTES_MAX, &text, &why);

	if (err != AICX_OK) {
		err = err_set(reterr, AICX_ENOTFOUND,
		    "\"%s\" is no data folder of a broker: %s", data_dir,
		    why.text);
	} else if (json_parse(buf_view(&text), &mem, &doc, NULL) != AICX_OK ||
	    !id_parse(json_str(json_get(json_root(&doc), "broker_id"), &mem),
		&vault->broker_id) ||
	    !b64_parse(json_str(json_get(json_root(&doc), "public_key"), &mem),
		vault->key, KEY_BYTES)) {
		err = err_set(reterr, AICX_EINVAL,
		    "cannot use \"broker.identity\": it lacks broker_id or "
		    "public_key");
	}
	buf_fini(&text);
	arena_fini(&mem);
	return err;
}

/* A copy of the section with one more entry. */
static struct conf_section
section_with(struct vault *vault, const struct conf_section *from,
    const char *key, const char *value)
{
	struct conf_section section = *from;
	struct conf_entry entry = { key, value, from->at, from->at };

	section.entries = arena_new(
	    &vault->mem, (from->n_entries + 1) * sizeof *section.entries);
	section.n_entries = 0;
	for (size_t i = 0; i < from->n_entries; i++)
		if (strcmp(from->entries[i].key, key) != 0)
			section.entries[section.n_entries++] = from->entries[i];
	section.entries[section.n_entries++] = entry;
	return section;
}

/* The store that the broker uses, as a configuration of its own. */
static aicx_err
part_take(struct vault *vault, const struct vault_place *place,
    struct aicx_error *reterr)
{
	struct conf *part = &vault->part;
	const struct conf_section *section =
	    conf_find(vault->conf, "store", vault->settings.store);

	if (section == NULL || section->plugin == NULL)
		return err_set(reterr, AICX_EINVAL,
		    "[broker] store = %s: there is no such section",
		    vault->settings.store);
	if (place->lenient && strcmp(section->plugin, "leveldb") != 0)
		return err_set(reterr, AICX_EINVAL,
		    "cannot recover a store of kind \"%s\"", section->plugin);
	*part = *vault->conf;
	part->sections = arena_new(&vault->mem, sizeof *part->sections);
	part->sections[0] = *section;
	if (place->lenient)
		part->sections[0] =
		    section_with(vault, section, "paranoid", "no");
	if (place->repair)
		part->sections[0] =
		    section_with(vault, part->sections, "repair", "yes");
	part->n_sections = 1;
	return AICX_OK;
}

static aicx_err
store_open(
    struct vault *vault, const char *plugin_dir, struct aicx_error *reterr)
{
	static const struct module_ports none; /* a store asks for nothing */
	aicx_err err = modules_load(&vault->part, plugin_dir, vault->loop, NULL,
	    &none, &vault->modules, reterr);

	if (err == AICX_OK)
		err = modules_open(vault->modules, reterr);
	if (err != AICX_OK)
		return err;
	const struct module *module =
	    modules_find(vault->modules, AICX_STORE, vault->settings.store);
	ENSURE(module != NULL);
	vault->ops = module_ops(module);
	vault->store = module_state(module);
	return AICX_OK;
}

aicx_err
vault_open(const struct vault_place *place, struct vault **ret,
    struct aicx_error *reterr)
{
	struct vault *vault = MEM_NEW(struct vault);

	aicx_err err = conf_read(place->conf_dir, &vault->conf, reterr);
	if (err == AICX_OK)
		err = conf_apply(vault->conf,
		    conf_find(vault->conf, "broker", NULL), broker_options,
		    &vault->settings, sizeof vault->settings, &vault->mem, NULL,
		    NULL, reterr);
	if (err == AICX_OK)
		err = part_take(vault, place, reterr);
	/* Before the folder is entered: the path may be relative. */
	char *plugin_dir = realpath(place->plugin_dir, NULL);
	if (err == AICX_OK && plugin_dir == NULL)
		err = err_set(reterr, AICX_ENOTFOUND,
		    "cannot find the plugins in \"%s\": %s", place->plugin_dir,
		    strerror(errno));
	if (err == AICX_OK && chdir(place->data_dir) != 0)
		err = err_set(reterr, AICX_ENOTFOUND,
		    "cannot enter the data folder \"%s\": %s", place->data_dir,
		    strerror(errno));
	if (err == AICX_OK)
		err = keys_read(vault, place->data_dir, reterr);
	if (err == AICX_OK) {
		vault->loop = loop_new(1);
		err = store_open(vault, plugin_dir, reterr);
	}
	free(plugin_dir);
	if (err == AICX_OK)
		*ret = vault;
	else
		vault_close(vault);
	return err;
}

void
vault_close(struct vault *vault)
{
	if (vault == NULL)
		return;
	modules_free(vault->modules);
	loop_free(vault->loop);
	conf_free(vault->conf);
	arena_fini(&vault->mem);
	free(vault);
}

const struct aicx_id *
vault_broker_id(const struct vault *vault)
{
	return &vault->broker_id;
}

const uint8_t *
vault_broker_key(const struct vault *vault)
{
	return vault->key;
}

/* --- reading ---------------------------------------------------------- */

aicx_err
vault_checkpoint(
    struct vault *vault, struct buf *ret_note, struct aicx_error *reterr)
{
	return catalog_checkpoint(vault->ops, vault->store, ret_note, reterr);
}

struct walk {
	vault_record_fn *on_record;
	void *arg;
};

static int
pair_take(struct aicx_str key, struct aicx_str value, void *arg)
{
	const struct walk *walk = arg;
	uint64_t seq = 0;

	if (catalog_is_checkpoint(key))
		return 0;
	for (size_t i = 4; i < key.len; i++)
		seq = seq << 8 | (uint8_t)key.ptr[i];
	return walk->on_record(seq, value, walk->arg) ? 0 : 1;
}

aicx_err
vault_records(struct vault *vault, vault_record_fn *on_record, void *arg,
    struct aicx_error *reterr)
{
	struct walk walk = { on_record, arg };

	return vault->ops->range(vault->store, STR("0/r/"), STR("0/r0"), 0,
	    pair_take, &walk, reterr);
}

/* --- cutting ---------------------------------------------------------- */

enum { RECORD_KEY = 4 + 8, CUT_KEYS = 64, KEY_BYTES_MAX = 64 };

struct cut {
	struct aicx_write writes[CUT_KEYS];
	char keys[CUT_KEYS][KEY_BYTES_MAX];
	size_t n;
	bool long_key; /* of nobody: it is left */
};

static int
cut_take(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct cut *cut = arg;

	(void)value;
	if (key.len > KEY_BYTES_MAX) {
		cut->long_key = true;
		return 0;
	}
	memcpy(cut->keys[cut->n], key.ptr, key.len);
	cut->writes[cut->n] =
	    (struct aicx_write) { { cut->keys[cut->n], key.len }, { NULL, 0 } };
	return ++cut->n == CUT_KEYS;
}

static aicx_err
cut_commit(struct vault *vault, const struct aicx_store_ops *ops,
    struct cut *cut, struct aicx_error *reterr)
{
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = AICX_DURABLE,
		.writes = cut->writes,
		.n_writes = cut->n,
	};

	return cut->n == 0 ? AICX_OK
			   : ops->commit(vault->store, &batch, reterr);
}

aicx_err
vault_cut(struct vault *vault, uint64_t last, uint64_t *ret_n,
    struct aicx_error *reterr)
{
	struct cut cut = { .n = 1 };
	char from[RECORD_KEY] = "0/r/";

	*ret_n = 0;
	for (int i = 0; i < 8; i++)
		from[4 + i] = (char)((last + 1) >> (56 - 8 * i));
	cut.writes[0] =
	    (struct aicx_write) { str_of(applied_key), { NULL, 0 } };
	aicx_err err = cut_commit(vault, catalog_ops(vault->ops), &cut, reterr);
	while (err == AICX_OK && cut.n > 0) {
		cut.n = 0;
		err = vault->ops->range(vault->store,
		    (struct aicx_str) { from, sizeof from }, STR("0/r0"), 0,
		    cut_take, &cut, reterr);
		if (err == AICX_OK)
			err = cut_commit(vault, vault->ops, &cut, reterr);
		*ret_n += cut.n;
	}
	if (err == AICX_OK && cut.long_key)
		err = err_set(reterr, AICX_EIO,
		    "there is a key among the records that is none");
	return err;
}
