/* SPDX-License-Identifier: Apache-2.0 */
/* value.h - one value's text to what its option type stores. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/money.h"

#include <aiconexus/option.h>

/* The number inside an INT, MSEC or SIZE.  AICX_EINVAL says what was expected;
   with a secret option the text does not repeat the value. */
aicx_err value_number(const struct aicx_option *option, const char *text,
    int64_t *ret_number, struct aicx_error *reterr);
aicx_err value_bool(const struct aicx_option *option, const char *text,
    uint8_t *ret_flag, struct aicx_error *reterr);
aicx_err value_money(const struct aicx_option *option,
    const struct currencies *currencies, const char *text,
    struct aicx_money *ret_money, struct aicx_error *reterr);

#endif
