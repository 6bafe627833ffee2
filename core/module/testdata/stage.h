/* SPDX-License-Identifier: Apache-2.0 */
/* stage.h - a plugin folder, a loop and a broker that only takes notes, for
   tests that load plugins. */
#ifndef MODULE_TESTDATA_STAGE_H
#define MODULE_TESTDATA_STAGE_H

#include "base/buf.h"
#include "module/module.h"

struct stage {
	char dir[32]; /* the plugin folder */
	struct loop *loop;
	struct module_ports ports;
	struct buf notes; /* what plugins counted: "a opened, b opened, " */
	struct buf key, value; /* of the last put() */
	struct conf *conf;
	struct modules *modules; /* NULL: refused */
	struct aicx_error err; /* why */
};

void stage_init(struct stage *stage);
void stage_fini(struct stage *stage);
/* Copies a file of the build folder into the plugin folder, mode 0755. */
void stage_plugin(struct stage *stage, const char *built, const char *name);
void stage_file(struct stage *stage, const char *name, struct aicx_str bytes);
/* The path of a file of the plugin folder, until the next call. */
const char *stage_path(struct stage *stage, const char *name);
/* Loads what the text of 10-a.conf says; the outcome is in the stage. */
aicx_err stage_load(struct stage *stage, const char *text);
/* The same, refused with exactly these words. */
void stage_refuses(struct stage *stage, const char *text, const char *why);
/* Loads and opens; anything but success ends the test. */
void stage_open(struct stage *stage, const char *text);

#endif
