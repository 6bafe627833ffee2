/* SPDX-License-Identifier: Apache-2.0 */
/* route.c - the tree of paths that the method table spans. */
#include "route.h"

#include <stdlib.h>

enum { SEGMENTS_MAX = 16 };

struct node {
	struct node *next; /* a sibling literal */
	struct aicx_str name; /* of a literal segment */
	struct node *literals;
	struct node *value; /* {name} */
	struct route *route; /* what ends here */
};

struct routes {
	struct node root;
};

/* --- building --- */

static struct node *
literal_get(struct node *node, struct aicx_str name)
{
	struct node *child = node->literals;

	while (child != NULL && !text_same(child->name, name))
		child = child->next;
	if (child != NULL)
		return child;
	child = calloc(1, sizeof *child);
	if (child == NULL)
		return NULL;
	child->name = name;
	child->next = node->literals;
	node->literals = child;
	return child;
}

static struct node *
value_get(struct node *node)
{
	if (node->value == NULL)
		node->value = calloc(1, sizeof *node->value);
	return node->value;
}

/* "{id}" -> "id"; absent for a literal. */
static struct aicx_str
name_of(struct aicx_str segment)
{
	if (segment.len < 3 || *segment.ptr != '{' ||
	    segment.ptr[segment.len - 1] != '}')
		return (struct aicx_str) { NULL, 0 };
	return (struct aicx_str) { segment.ptr + 1, segment.len - 2 };
}

/* Walks, and grows, the branch of a path; fills the route's names. */
static struct node *
branch(struct node *node, struct aicx_str path, struct route *route)
{
	size_t n = 0;

	while (node != NULL && path.len > 0) {
		struct aicx_str segment = text_cut(path, '/', &path);
		struct aicx_str name = name_of(segment);

		if (segment.len == 0 || ++n > SEGMENTS_MAX)
			return NULL;
		if (name.ptr == NULL) {
			node = literal_get(node, segment);
			continue;
		}
		if (route->n_names == ROUTE_VALUES_MAX)
			return NULL;
		route->names[route->n_names++] = name;
		node = value_get(node);
	}
	return node;
}

static bool
add(struct routes *routes, const struct aicx_method *method)
{
	struct aicx_str path;
	struct aicx_str verb = text_cut(text_of(method->rest), ' ', &path);
	struct route *route = calloc(1, sizeof *route);
	struct node *node = NULL;

	if (route != NULL && verb.len > 0 && path.len > 0 && *path.ptr == '/')
		node = branch(&routes->root,
		    (struct aicx_str) { path.ptr + 1, path.len - 1 }, route);
	if (node == NULL || route_for(node->route, verb) != NULL) {
		free(route);
		return false;
	}
	route->verb = verb;
	route->method = method;
	route->next = node->route;
	node->route = route;
	return true;
}

struct routes *
routes_new(const struct aicx_method *const *methods, size_t n_methods,
    size_t *ret_n_bad)
{
	struct routes *routes = calloc(1, sizeof *routes);

	if (routes == NULL)
		return NULL;
	*ret_n_bad = 0;
	for (size_t i = 0; i < n_methods; i++)
		if (methods[i]->rest != NULL && !add(routes, methods[i]))
			++*ret_n_bad;
	return routes;
}

static void
node_fini(struct node *node)
{
	while (node->route != NULL) {
		struct route *route = node->route;

		node->route = route->next;
		free(route);
	}
	while (node->literals != NULL) {
		struct node *child = node->literals;

		node->literals = child->next;
		node_fini(child);
		free(child);
	}
	if (node->value != NULL)
		node_fini(node->value);
	free(node->value);
}

void
routes_free(struct routes *routes)
{
	if (routes == NULL)
		return;
	node_fini(&routes->root);
	free(routes);
}

/* --- finding --- */

struct walk {
	struct aicx_str segments[SEGMENTS_MAX];
	size_t n_segments;
	struct aicx_str *values;
};

static const struct route *
find(const struct walk *walk, const struct node *node, size_t at,
    size_t n_values)
{
	const struct route *route = NULL;

	if (at == walk->n_segments)
		return node->route;
	for (const struct node *child = node->literals; child != NULL;
	     child = child->next)
		if (text_same(child->name, walk->segments[at])) {
			route = find(walk, child, at + 1, n_values);
			break;
		}
	if (route != NULL || node->value == NULL ||
	    n_values == ROUTE_VALUES_MAX)
		return route;
	walk->values[n_values] = walk->segments[at];
	return find(walk, node->value, at + 1, n_values + 1);
}

const struct route *
routes_find(const struct routes *routes, struct aicx_str path,
    struct aicx_str ret_values[ROUTE_VALUES_MAX])
{
	struct walk walk = { .n_segments = 0, .values = ret_values };

	if (path.len == 0 || *path.ptr != '/')
		return NULL;
	path = (struct aicx_str) { path.ptr + 1, path.len - 1 };
	while (path.ptr != NULL && (path.len > 0 || walk.n_segments > 0)) {
		if (walk.n_segments == SEGMENTS_MAX)
			return NULL;
		walk.segments[walk.n_segments] = text_cut(path, '/', &path);
		if (walk.segments[walk.n_segments++].len == 0)
			return NULL;
	}
	return find(&walk, &routes->root, 0, 0);
}

const struct route *
route_for(const struct route *route, struct aicx_str verb)
{
	const struct route *get = NULL;

	for (; route != NULL; route = route->next) {
		if (text_same(route->verb, verb))
			return route;
		if (text_same(route->verb, TEXT("GET")))
			get = route;
	}
	return text_same(verb, TEXT("HEAD")) ? get : NULL;
}

void
route_allow(const struct route *route, struct bytes *out)
{
	for (; route != NULL; route = route->next) {
		bytes_str(out, route->verb);
		bytes_str(out, TEXT(", "));
		if (text_same(route->verb, TEXT("GET")))
			bytes_str(out, TEXT("HEAD, "));
	}
	bytes_str(out, TEXT("OPTIONS"));
}
