/* SPDX-License-Identifier: Apache-2.0 */
/* member.h - members of the objects that clients send. */
#ifndef MEMBER_H
#define MEMBER_H

#include <jansson.h>
#include <stdbool.h>

/* A member by its name, "messageId", or else "message_id"; NULL also for JSON
   null. */
json_t *member(const json_t *object, const char *name);
/* A string's text, or "". */
const char *member_text(const json_t *object, const char *name);
/* A whole number, also as a decimal string, 0 when absent; false: neither. */
bool member_number(
    const json_t *object, const char *name, json_int_t *ret_number);

#endif
