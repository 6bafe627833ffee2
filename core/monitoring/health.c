/* SPDX-License-Identifier: Apache-2.0 */
/* health.c - a small table, searched from its start: it is read rarely. */
#include "monitoring/health.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

static const char *const names[] = { [HEALTH_HEALTHY] = "healthy",
	[HEALTH_DEGRADED] = "degraded",
	[HEALTH_UNHEALTHY] = "unhealthy" };

const char *
health_status_name(enum health_status status)
{
	return names[status];
}

bool
health_status_parse(struct aicx_str name, enum health_status *ret_status)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (str_is(name, names[i])) {
			*ret_status = (enum health_status)i;
			return true;
		}
	}
	return false;
}

const struct health_part *
health_find(const struct health *health, struct aicx_str component)
{
	for (size_t i = 0; i < health->n; i++) {
		if (str_is(component, health->parts[i].component))
			return &health->parts[i];
	}
	return NULL;
}

/* As much of the text as fits, in whole characters. */
static void
set_details(struct health_part *part, struct aicx_str details)
{
	size_t n = 0;

	for (;;) {
		size_t more = str_char_bytes(
		    (struct aicx_str) { details.ptr + n, details.len - n });
		if (more == 0 || n + more >= sizeof part->details)
			break;
		n += more;
	}
	if (n > 0)
		memcpy(part->details, details.ptr, n);
	part->details[n] = '\0';
}

/* A new part at the end, healthy. */
static aicx_err
add_part(struct health *health, struct aicx_str component, int64_t now_ms,
    struct health_part **ret_part, struct aicx_error *reterr)
{
	struct health_part part = { .since_ms = now_ms };

	if (component.len == 0 ||
	    !str_copy(component, part.component, sizeof part.component))
		return err_set(reterr, AICX_EINVAL,
		    "cannot keep the health of \"%.*s\": a name has 1 to %zu "
		    "bytes",
		    STR_ARG(component), sizeof part.component - 1);
	if (health->n == HEALTH_PARTS_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "cannot keep the health of \"%s\": there are %d "
		    "components already",
		    part.component, HEALTH_PARTS_MAX);
	*ret_part = &health->parts[health->n++];
	**ret_part = part;
	return AICX_OK;
}

aicx_err
health_set(struct health *health, struct aicx_str component,
    enum health_status status, struct aicx_str details, int64_t now_ms,
    bool *ret_changed, struct aicx_error *reterr)
{
	struct health_part *part =
	    (struct health_part *)health_find(health, component);
	aicx_err err = AICX_OK;

	if (part == NULL)
		err = add_part(health, component, now_ms, &part, reterr);
	if (err != AICX_OK)
		return err;
	bool changed = part->status != status;
	if (changed)
		part->since_ms = now_ms;
	part->status = status;
	set_details(part, details);
	if (ret_changed != NULL)
		*ret_changed = changed;
	return AICX_OK;
}

void
health_remove(struct health *health, struct aicx_str component)
{
	const struct health_part *part = health_find(health, component);

	if (part == NULL)
		return;
	size_t i = (size_t)(part - health->parts);
	health->n--;
	memmove(&health->parts[i], &health->parts[i + 1],
	    (health->n - i) * sizeof health->parts[i]);
}

enum health_status
health_overall(const struct health *health)
{
	enum health_status worst = HEALTH_HEALTHY;

	for (size_t i = 0; i < health->n; i++) {
		if (health->parts[i].status > worst)
			worst = health->parts[i].status;
	}
	return worst;
}

void
health_print(const struct health *health, struct json_writer *w)
{
	json_open(w, '{');
	json_key(w, "status");
	json_put_text(w, health_status_name(health_overall(health)));
	json_key(w, "components");
	json_open(w, '[');
	for (size_t i = 0; i < health->n; i++) {
		const struct health_part *part = &health->parts[i];
		json_open(w, '{');
		json_key(w, "component");
		json_put_text(w, part->component);
		json_key(w, "status");
		json_put_text(w, health_status_name(part->status));
		json_key(w, "since");
		json_put_time(w, part->since_ms);
		if (part->details[0] != '\0') {
			json_key(w, "details");
			json_put_text(w, part->details);
		}
		json_close(w);
	}
	json_close(w);
	json_close(w);
}
