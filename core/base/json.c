/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - a text to a flat list of nodes. */
#include "base/json.h"

#include <string.h>

#include "base/err.h"
#include "base/json_lex.h"
#include "base/json_names.h"
#include "base/json_walk.h"

void
index_grow(struct index *index)
{
	size_t cap = index->cap * 2;
	struct json_node *nodes =
	    arena_bytes(index->arena, cap * sizeof *nodes);

	memcpy(nodes, index->nodes, index->cap * sizeof *nodes);
	index->nodes = nodes;
	index->cap = cap;
}

bool
index_check_names(const struct index *index, struct lex *lex, uint32_t object)
{
	struct names names;
	bool good = true;

	names_init(&names);
	for (uint32_t i = object + 1; good && i < lex->n_nodes;
	     i = index->nodes[i + 1].next) {
		const struct json_node *node = &index->nodes[i];
		struct aicx_str name = { lex->start + node->start + 1,
			node->end - node->start - 2 };
		good = names_add(&names, name, node->escaped);
		if (!good)
			(void)lex_fail(lex, name.ptr - 1, "repeated member");
	}
	names_fini(&names);
	return good;
}

aicx_err
json_parse(struct aicx_str text, struct arena *arena, struct json *ret_doc,
    struct aicx_error *reterr)
{
	uint32_t open[JSON_DEPTH_MAX];
	struct lex lex = lex_of(text);
	struct index index = {
		.arena = arena, .open = open, .cap = text.len / 12 + 4
	};

	if (text.len > UINT32_MAX)
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "the text is longer than 4 GiB");
	if (index.cap > JSON_NODES_MAX)
		index.cap = JSON_NODES_MAX;
	index.nodes = arena_bytes(arena, index.cap * sizeof *index.nodes);
	const char *at =
	    walk_value(&lex, &index, 0, lex_blanks(&lex, lex.start));
	if (at == NULL || !walk_end(&lex, at))
		return lex_error(&lex, reterr);
	*ret_doc =
	    (struct json) { { lex.start, text.len }, index.nodes, lex.n_nodes };
	return AICX_OK;
}
