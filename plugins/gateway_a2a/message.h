/* SPDX-License-Identifier: Apache-2.0 */
/* message.h - A2A messages, and what they mean to a capability. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "fault.h"

#include <stdbool.h>

enum { PARTS_MAX = 256, MESSAGE_ID_MAX = 256 };

/* The shape of a Message of a client; false: *ret_fault. */
bool message_check(const json_t *message, struct fault *ret_fault);
/* metadata.skill, or the member "skill" of a data part; or "". */
const char *message_skill(const json_t *message);
/* The capability's argument: the data part, or the text as its schema wants it.
   schema may be NULL. */
json_t *message_input(const json_t *message, const json_t *schema);
/* Metadata of an extension: of the message, else of the request; or NULL. */
const json_t *message_terms(const json_t *params, const char *uri);
/* A result as artifacts. */
json_t *message_artifacts(const json_t *output, const char *id);
/* Words of ours for a status. */
json_t *message_ours(const char *task, const char *context, const char *text);

#endif
