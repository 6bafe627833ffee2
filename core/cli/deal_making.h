/* SPDX-License-Identifier: Apache-2.0 */
/* deal_making.h - a deal file half made: what its two sources share. */
#ifndef CLI_DEAL_MAKING_H
#define CLI_DEAL_MAKING_H

#include "cli/deal_maker.h"

#define BROKER "01932000-0000-7000-8000-00000000b0b0"
#define BUYER "01932000-0000-7000-8000-00000000a11c"
#define SELLER "01932000-0000-7000-8000-0000000000b1"
#define LOSER "01932000-0000-7000-8000-0000000000c2"
#define DEAL "01932000-0000-7000-8000-00000000dea1"
#define MANDATE "01932000-0000-7000-8000-00000000a0da"
#define OFFER "01932000-0000-7000-8000-0000000000f1"
#define OTHER "01932000-0000-7000-8000-0000000000f2"
#define CONTRACT "01932000-0000-7000-8000-00000000c0c0"
#define HOLD "01932000-0000-7000-8000-00000000401d"
#define EXECUTION "01932000-0000-7000-8000-00000000e8ec"
#define TRANSACTION "01932000-0000-7000-8000-000000007a75"
#define OUTPUT "\"mispeled\\nwrod\\n\""
#define INPUT "\"a mispeled wrod\""

enum { TEXT_MAX = 8192, RECORDS = 5 };

struct making {
	const struct deal_maker *maker;
	char mandate[TEXT_MAX], offer[TEXT_MAX], other[TEXT_MAX];
	char terms[TEXT_MAX], other_terms[TEXT_MAX], contract[TEXT_MAX];
	char bill[TEXT_MAX], usage[TEXT_MAX], hold[TEXT_MAX], intent[TEXT_MAX];
	char record[RECORDS][TEXT_MAX * 4];
	int64_t seq[RECORDS];
	size_t n_records;
};

/* "text":...,"key_id":...,"signature":...; "fake NAME" signs badly. */
void deal_put_signed(
    struct buf *buf, const char *signer, enum sig_kind kind, const char *text);
void deal_put_string(struct buf *buf, const char *text);
const char *deal_loser_key(const struct deal_maker *maker);
void deal_hash_text(const char *text, size_t len, char ret[44]);

void deal_put_file(const struct making *m, struct buf *out);

#endif
