/* SPDX-License-Identifier: Apache-2.0 */
/* order.h - which instance opens before which. */
#ifndef MODULE_ORDER_H
#define MODULE_ORDER_H

#include "module/instance.h"

/* Sorts all->list so that each instance comes after those it needs; among
   the free ones by kind, then as configured.  A cycle is refused by name. */
aicx_err order_sort(struct modules *all, struct aicx_error *reterr);

#endif
