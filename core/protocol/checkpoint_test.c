/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint_test.c - checkpoints and signed notes: form, signature,
   refusals. */
#include "protocol/checkpoint.h"

#include <check.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

#define ORIGIN "aiconexus/01020304-0506-0708-090a-0b0c0d0e0f10/0"
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define SIG "\xe2\x80\x94 w AAAAAAA=\n" /* 4 bytes of key hash, 1 of value */
#define GOOD ORIGIN "\n7\n" ROOT "\n"

static const struct aicx_id broker = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    13, 14, 15, 16 } };
static const uint8_t seed[KEY_BYTES] = { 9 }, other_seed[KEY_BYTES] = { 8 };

static struct buf
sign(const char *text, const char *name, const uint8_t s[KEY_BYTES])
{
	struct sign_key *key = sign_key_new(s);
	struct buf buf = { 0 };

	buf_text(&buf, text);
	note_sign(&buf, str_of(name), key);
	sign_key_free(key);
	return buf;
}

static bool
verify(const struct buf *note, const char *name, const uint8_t s[KEY_BYTES])
{
	struct sign_key *key = sign_key_new(s);
	bool good =
	    note_verify(buf_view(note), str_of(name), sign_key_public(key));

	sign_key_free(key);
	return good;
}

START_TEST(an_origin_names_broker_shard_and_later_generations)
{
	char origin[ORIGIN_MAX];

	checkpoint_origin(&broker, "0", 0, origin);
	ck_assert_str_eq(origin, ORIGIN);
	checkpoint_origin(&broker, "0", 1, origin);
	ck_assert_str_eq(origin, ORIGIN);
	checkpoint_origin(&broker, "0", 2, origin);
	ck_assert_str_eq(origin, ORIGIN "-2");
}
END_TEST

START_TEST(a_printed_checkpoint_is_read_back)
{
	struct checkpoint checkpoint = { STR(ORIGIN), 20852163, { 1, 2 } };
	struct checkpoint again;
	struct sign_key *key = sign_key_new(seed);
	struct buf buf = { 0 };

	checkpoint_print(&buf, &checkpoint);
	note_sign(&buf, checkpoint.origin, key);
	ck_assert_int_eq(
	    checkpoint_parse(buf_view(&buf), &again, NULL), AICX_OK);
	ck_assert(str_is(again.origin, ORIGIN));
	ck_assert_uint_eq(again.n_leaves, 20852163);
	ck_assert_mem_eq(again.root, checkpoint.root, HASH_BYTES);
	ck_assert(verify(&buf, ORIGIN, seed));
	sign_key_free(key);
	buf_fini(&buf);
}
END_TEST

/* The example in the specification of signed notes. */
START_TEST(the_published_note_verifies_under_its_published_key)
{
	static const char note[] =
	    "This is an example message.\n\n\xe2\x80\x94 example.com/foo "
	    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOB"
	    "H3mFXmRKuwHjG1Yu72IneyaQM=\n";
	uint8_t typed[1 + KEY_BYTES];
	size_t n;

	ck_assert(
	    base64_parse(STR("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
		typed, sizeof typed, &n));
	ck_assert_uint_eq(n, sizeof typed);
	ck_assert(note_verify(str_of(note), STR("example.com/foo"), typed + 1));
	ck_assert(
	    !note_verify(str_of(note), STR("example.com/fop"), typed + 1));
	typed[5] ^= 1;
	ck_assert(
	    !note_verify(str_of(note), STR("example.com/foo"), typed + 1));
}
END_TEST

START_TEST(another_key_name_or_text_is_refused)
{
	struct buf note = sign(GOOD, ORIGIN, seed);

	ck_assert(verify(&note, ORIGIN, seed));
	ck_assert(!verify(&note, ORIGIN, other_seed));
	ck_assert(!verify(&note, ORIGIN "-2", seed));
	note.ptr[strlen(ORIGIN) + 1] = '8'; /* the size */
	ck_assert(!verify(&note, ORIGIN, seed));
	buf_fini(&note);
}
END_TEST

START_TEST(signatures_of_witnesses_are_passed_over)
{
	struct buf note = sign(GOOD, ORIGIN, seed);
	struct buf theirs = sign(GOOD, "witness.example", other_seed);
	struct checkpoint checkpoint;

	buf_str(&note,
	    (struct aicx_str) {
		theirs.ptr + strlen(GOOD) + 1, theirs.len - strlen(GOOD) - 1 });
	ck_assert(verify(&note, ORIGIN, seed));
	ck_assert(verify(&note, "witness.example", other_seed));
	ck_assert(!verify(&note, "witness.example", seed));
	ck_assert_int_eq(
	    checkpoint_parse(buf_view(&note), &checkpoint, NULL), AICX_OK);
	buf_fini(&theirs);
	/* A second signature of ours that is bad spoils the note. */
	theirs = sign(ORIGIN "\n8\n" ROOT "\n", ORIGIN, seed);
	buf_str(&note,
	    (struct aicx_str) {
		theirs.ptr + strlen(GOOD) + 1, theirs.len - strlen(GOOD) - 1 });
	ck_assert(!verify(&note, ORIGIN, seed));
	buf_fini(&theirs);
	buf_fini(&note);
}
END_TEST

START_TEST(lines_after_the_root_are_legal_and_signed)
{
	struct buf note = sign(GOOD "more\n", ORIGIN, seed);
	struct checkpoint checkpoint;

	ck_assert_int_eq(
	    checkpoint_parse(buf_view(&note), &checkpoint, NULL), AICX_OK);
	ck_assert(verify(&note, ORIGIN, seed));
	note.ptr[strlen(GOOD)] = 'M';
	ck_assert(!verify(&note, ORIGIN, seed));
	buf_fini(&note);
}
END_TEST

static void
ck_parse(aicx_err want, struct aicx_str note)
{
	struct checkpoint checkpoint;
	struct aicx_error err = { 0 };

	ck_assert_msg(checkpoint_parse(note, &checkpoint, &err) == want, "%.*s",
	    STR_ARG(note));
	if (want != AICX_OK)
		ck_assert_str_eq(err.word, "malformed");
}

START_TEST(what_is_out_of_form_is_refused)
{
	static const char *const notes[] = { "", "\n", "\n\n", GOOD, GOOD "\n",
		GOOD "\n" SIG "\n", /* ends with a blank line */
		GOOD "\n\xe2\x80\x94 w AAAAAAA=", /* no newline */
		GOOD "\n- w AAAAAAA=\n", /* no dash */
		GOOD "\n\xe2\x80\x94 w\n", /* no value */
		GOOD "\n\xe2\x80\x94  AAAAAAA=\n", /* no name */
		GOOD "\n\xe2\x80\x94 w+ AAAAAAA=\n",
		GOOD "\n\xe2\x80\x94 w\xc2\xa0 AAAAAAA=\n",
		GOOD "\n\xe2\x80\x94 w AAAAAAA\n", /* no padding */
		GOOD "\n\xe2\x80\x94 w AAAAAAB=\n", /* bits unused are set */
		GOOD "\n\xe2\x80\x94 w AAA-AAA=\n", /* of the other alphabet */
		GOOD
		"\n\xe2\x80\x94 w AAAAAA==\n", /* nothing behind the hash */
		GOOD "\n" SIG "x\n", "\n7\n" ROOT "\n\n" SIG,
		ORIGIN "\n\n" ROOT "\n\n" SIG, ORIGIN "\n07\n" ROOT "\n\n" SIG,
		ORIGIN "\n-7\n" ROOT "\n\n" SIG,
		ORIGIN "\n+7\n" ROOT "\n\n" SIG,
		ORIGIN "\n7 \n" ROOT "\n\n" SIG,
		ORIGIN "\n9223372036854775808\n" ROOT "\n\n" SIG,
		ORIGIN "\n7\n\n" SIG, ORIGIN "\n7\nAAAA\n\n" SIG,
		ORIGIN
		"\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n\n" SIG,
		ORIGIN
		"\n7\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n\n" SIG,
		ORIGIN
		"\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\n" SIG,
		GOOD "\nx\n\n" SIG, /* an empty line among the others */
		GOOD "x\ty\n\n" SIG, GOOD "\xff\n\n" SIG, GOOD "\r\n\n" SIG };
	struct buf large = { 0 };

	ck_parse(AICX_OK, STR(GOOD "\n" SIG));
	ck_parse(AICX_OK, STR(ORIGIN "\n0\n" ROOT "\n\n" SIG));
	ck_parse(
	    AICX_OK, STR(ORIGIN "\n9223372036854775807\n" ROOT "\n\n" SIG));
	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
		ck_parse(AICX_EINVAL, str_of(notes[i]));
	ck_parse(AICX_EINVAL,
	    (struct aicx_str) {
		GOOD "\0\n\n" SIG, sizeof(GOOD "\0\n\n" SIG) - 1 });

	buf_text(&large, GOOD "\n");
	while (large.len <= CHECKPOINT_MAX)
		buf_text(&large, SIG);
	ck_parse(AICX_EINVAL, buf_view(&large));
	buf_fini(&large);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("checkpoint");
	TCase *tcase = tcase_create("checkpoint");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(
	    tcase, an_origin_names_broker_shard_and_later_generations);
	tcase_add_test(tcase, a_printed_checkpoint_is_read_back);
	tcase_add_test(
	    tcase, the_published_note_verifies_under_its_published_key);
	tcase_add_test(tcase, another_key_name_or_text_is_refused);
	tcase_add_test(tcase, signatures_of_witnesses_are_passed_over);
	tcase_add_test(tcase, lines_after_the_root_are_legal_and_signed);
	tcase_add_test(tcase, what_is_out_of_form_is_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
