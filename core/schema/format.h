/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - the formats of JSON Schema Validation 2020-12, section 7.3.
 *
 * All but idn-hostname, which needs the tables of IDNA; it is accepted as an
 * unknown name is.
 */
#ifndef SCHEMA_FORMAT_H
#define SCHEMA_FORMAT_H

#include <aiconexus/types.h>
#include <stdbool.h>

typedef bool format_fn(struct aicx_str text);

format_fn *format_find(struct aicx_str name); /* NULL: not known */

/* format_time.c; RFC 3339, section 5.6 and appendix A */
bool format_date_time(struct aicx_str text);
bool format_date(struct aicx_str text);
bool format_time(struct aicx_str text);
bool format_duration(struct aicx_str text);
/* format_net.c */
bool format_hostname(struct aicx_str text); /* RFC 1123, section 2.1 */
bool format_ipv4(struct aicx_str text); /* RFC 2673, section 3.2 */
bool format_ipv6(struct aicx_str text); /* RFC 4291, section 2.2 */
bool format_email(struct aicx_str text); /* RFC 5321, section 4.1.2 */
bool format_idn_email(struct aicx_str text); /* RFC 6531 */
/* format_uri.c; RFC 3986, RFC 3987, RFC 6570 */
bool format_uri(struct aicx_str text);
bool format_uri_reference(struct aicx_str text);
bool format_iri(struct aicx_str text);
bool format_iri_reference(struct aicx_str text);
bool format_uri_template(struct aicx_str text);

#endif
