/* SPDX-License-Identifier: Apache-2.0 */
/* page.h - records of a running broker, as security.export_audit answers. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "base/arena.h"
#include "cli/invocation.h"
#include "cli/part_file.h"

enum { PAGE_RECORDS = 500 };

struct page { /* begins zeroed */
	struct buf text;
	struct arena mem;
	struct json doc;
	struct json_ref root;
	int64_t n_covered; /* records of its checkpoint */
	int64_t first, last; /* numbers of its records; 0: it has none */
	int64_t last_ms; /* when the last was made */
};

void page_fini(struct page *page);
/* By the verb's own method; takes the place of what was there.  limit 0: as
   many as one answer holds; from_ms 0: from the beginning. */
aicx_err page_fetch(struct invocation *inv, int64_t after, int64_t from_ms,
    int64_t limit, struct page *page, struct aicx_error *reterr);
/* Pages into the file up to record `last`; the first one is here already. */
aicx_err pages_take(struct invocation *inv, struct part_file *file,
    struct page *page, int64_t last, struct aicx_error *reterr);

#endif
