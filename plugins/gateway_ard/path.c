/* SPDX-License-Identifier: Apache-2.0 */
/* path.c - dotted paths into entries, and filters that use them. */
#include "path.h"

#include "entry.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_BYTES = 200, DEPTH_MAX = 8 };

static bool
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

bool
path_is_known(const char *path)
{
	static const char *const members[] = { "identifier", "displayName",
		"type", "url", "description", "tags", "capabilities",
		"representativeQueries", "version", "updatedAt", "publisher",
		"trustManifest", NULL };

	if (strlen(path) > PATH_MAX_BYTES)
		return false;
	for (const char *const *at = members; *at != NULL; at++)
		if (strcmp(path, *at) == 0)
			return true;
	if (begins(path, "metadata."))
		return entry_is_metadata(path + sizeof "metadata." - 1);
	return begins(path, "trustManifest.") || begins(path, "data.");
}

static void
add_text(json_t *texts, const json_t *value)
{
	if (json_is_string(value))
		(void)json_array_append(texts, (json_t *)value);
	else if (json_is_number(value) || json_is_boolean(value)) {
		char *text = json_dumps(
		    value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
		(void)json_array_append_new(texts, json_string(text));
		free(text);
	}
}

static void walk(
    const json_t *value, const char *path, json_t *texts, int depth);

/* The longest part of the path that is a key; what follows goes on from there.
 */
static void
walk_object(const json_t *object, const char *path, json_t *texts, int depth)
{
	size_t n = strlen(path);

	while (n > 0) {
		const json_t *value = json_object_getn(object, path, n);
		if (value != NULL) {
			walk(value, path[n] == '.' ? path + n + 1 : "", texts,
			    depth);
			return;
		}
		do
			n--;
		while (n > 0 && path[n] != '.');
	}
}

static void
walk(const json_t *value, const char *path, json_t *texts, int depth)
{
	if (depth == DEPTH_MAX)
		return;
	if (json_is_array(value))
		for (size_t i = 0; i < json_array_size(value); i++)
			walk(json_array_get(value, i), path, texts, depth + 1);
	else if (*path == '\0')
		add_text(texts, value);
	else if (json_is_object(value))
		walk_object(value, path, texts, depth + 1);
}

void
path_texts(const json_t *entry, const char *path, json_t *texts)
{
	struct aicx_str publisher;

	if (strcmp(path, "publisher") != 0) {
		walk(entry, path, texts, 0);
		return;
	}
	publisher = entry_publisher(entry);
	(void)json_array_append_new(
	    texts, json_stringn(publisher.ptr, publisher.len));
}

static bool
is_values(const json_t *value)
{
	if (!json_is_array(value))
		return json_is_string(value) || json_is_number(value) ||
		    json_is_boolean(value);
	for (size_t i = 0; i < json_array_size(value); i++)
		if (json_is_array(json_array_get(value, i)) ||
		    !is_values(json_array_get(value, i)))
			return false;
	return true;
}

const char *
path_filter_check(const json_t *filter)
{
	const char *path;
	json_t *value;

	if (filter != NULL && !json_is_object(filter))
		return "filter is no object";
	json_object_foreach((json_t *)filter, path, value)
	{
		if (!path_is_known(path))
			return "filter names a path that entries do not have";
		if (!is_values(value))
			return "filter has a value that is neither a text nor "
			       "a list of them";
	}
	return NULL;
}

static bool
has_text(const json_t *texts, const json_t *wanted)
{
	for (size_t i = 0; i < json_array_size(texts); i++)
		if (json_equal(json_array_get(texts, i), wanted))
			return true;
	return false;
}

static bool
fits_one(const json_t *entry, const char *path, const json_t *value)
{
	json_t *texts = json_array();
	json_t *wanted = json_array();
	bool fits = false;

	path_texts(entry, path, texts);
	walk(value, "", wanted, 0);
	for (size_t i = 0; i < json_array_size(wanted) && !fits; i++)
		fits = has_text(texts, json_array_get(wanted, i));
	json_decref(texts);
	json_decref(wanted);
	return fits;
}

bool
path_filter_fits(const json_t *filter, const json_t *entry)
{
	const char *path;
	json_t *value;

	json_object_foreach((json_t *)filter, path,
	    value) if (!fits_one(entry, path, value)) return false;
	return true;
}
