/* SPDX-License-Identifier: Apache-2.0 */
/* certificates.h - agents known by a certificate of this broker; this folder
   only. */
#ifndef BROKER_CERTIFICATES_H
#define BROKER_CERTIFICATES_H

#include "broker/inside.h"

/* Issues one and answers the call.  wish: agent, role and what else the row
   has; expires_ms 0: after 90 days. */
aicx_err certificate_make(struct call *call, const struct credential *wish,
    struct aicx_str request, struct aicx_error *reterr);
/* Whom a transport vouches for: *ret_credential is NULL and *reterr says why
   when the certificate is no longer good.  false: the text is no voucher. */
bool certificate_bearer(struct broker *broker, struct aicx_str text,
    const struct credential **ret_credential, struct aicx_error *reterr);

#endif
