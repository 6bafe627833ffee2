/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h - telling systemd how the service stands (sd_notify(3)). */
#ifndef MAIN_NOTIFY_H
#define MAIN_NOTIFY_H

#include <stdint.h>

/* Nothing happens when NOTIFY_SOCKET is not set. */
void notify_ready(void);
void notify_reloading(int64_t monotonic_us);
void notify_stopping(void);

#endif
