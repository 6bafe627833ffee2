/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results.h - what the methods answer, as tables to print schemas from.
 *
 * Nothing is parsed or printed by them: they say what clients may expect, and
 * a scene holds every answer it gets against them.
 */
#ifndef BROKER_RESULTS_H
#define BROKER_RESULTS_H

#include "protocol/field.h"

/* NULL: the answer is no JSON object, or is not described. */
const struct field *results_find(const char *method);

#endif
