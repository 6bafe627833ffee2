/* SPDX-License-Identifier: Apache-2.0 */
/* notation.h - ids, amounts and MACs as they stand in requests. */
#ifndef PAYMENT_WEBHOOK_NOTATION_H
#define PAYMENT_WEBHOOK_NOTATION_H

#include <aiconexus/types.h>
#include <stdbool.h>

enum { ID_TEXT = 37, AMOUNT_TEXT = 32, MAC_TEXT = 65 }; /* with the NUL */

void uuid_print(const struct aicx_id *id, char ret_text[ID_TEXT]);
bool uuid_parse(const char *text, struct aicx_id *ret_id); /* lower case */
/* "-0.50"; scale: decimals of the currency, 0 to 9. */
void amount_print(int64_t minor, int scale, char ret_text[AMOUNT_TEXT]);
/* At most `scale` decimals, no sign, no blanks; false: it is none. */
bool amount_parse(const char *text, int scale, int64_t *ret_minor);
void mac_print(const uint8_t mac[32], char ret_text[MAC_TEXT]);
/* In a time that does not tell how much was right. */
bool mac_is(const char *expected, struct aicx_str told);

#endif
