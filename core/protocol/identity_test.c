/* SPDX-License-Identifier: Apache-2.0 */
/* identity_test.c - identity files read, written and refused. */
#include "protocol/identity.h"

#include <check.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

#define AGENT "01932000-0000-7000-8000-00000000a11c"
#define SEED "wiRtx2H0CKrrxGEGLJpF-GA_slj7dCgPwaKXxD1yxcs"
#define KEY_ID "ARA5u0R9B9QNXLPTf4g1CTdaaGbzQfZ8WFhl8gB2ZJ0"
#define API_KEY "aicx_O1Fao93c4v9OKk9Zyl2C_S1NshvZnlyHRP3iZ3msAQ8"
#define HEAD                                                                   \
	"{\"agent_id\":\"" AGENT "\",\"key_id\":\"" KEY_ID                     \
	"\",\"private_key\":\"" SEED "\""

static struct aicx_error err;
static struct arena arena;

static aicx_err
parse(const char *text, struct identity *ret)
{
	err = (struct aicx_error) { 0 };
	return identity_parse(str_of(text), &arena, ret, &err);
}

START_TEST(an_identity_is_read_and_written_as_it_was)
{
	static const char text[] =
	    HEAD ",\"api_key\":\"" API_KEY
		 "\",\"broker\":\"http://127.0.0.1:7420\"}\n";
	struct identity identity;
	struct buf buf = { 0 };

	ck_assert_int_eq(parse(text, &identity), AICX_OK);
	ck_assert_str_eq(id_text(&identity.agent_id).text, AGENT);
	ck_assert(str_is(identity.api_key, API_KEY));
	ck_assert(str_is(identity.broker, "http://127.0.0.1:7420"));
	identity_print(&buf, &identity);
	ck_assert_str_eq(buf_cstr(&buf), text);
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

START_TEST(api_key_and_broker_may_be_absent)
{
	struct identity identity;
	struct buf buf = { 0 };

	ck_assert_int_eq(parse(HEAD "}", &identity), AICX_OK);
	ck_assert(identity.api_key.ptr == NULL);
	ck_assert(identity.broker.ptr == NULL);
	identity_print(&buf, &identity);
	ck_assert_str_eq(buf_cstr(&buf), HEAD "}\n");
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

static void
ck_refused(const char *text, const char *field)
{
	struct identity identity = { .seed = { 7 } };

	ck_assert_int_ne(parse(text, &identity), AICX_OK);
	ck_assert_str_eq(err.field, field);
	ck_assert_int_eq(identity.seed[0], 7);
	arena_fini(&arena);
}

START_TEST(an_identity_out_of_form_is_refused_by_name)
{
	ck_refused("", "");
	ck_refused("{}", "/agent_id");
	ck_refused(HEAD, "");
	ck_refused(HEAD ",\"api_key\":\"secret\"}", "/api_key");
	ck_refused(HEAD ",\"brokr\":\"x\"}", "/brokr");
	ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"broker\"?"));
	ck_refused("{\"agent_id\":\"" AGENT "\",\"key_id\":\"" KEY_ID
		   "\",\"private_key\":\"x\"}",
	    "/private_key");
	ck_refused("{\"agent_id\":\"" AGENT
		   "\",\"key_id\":\"x\",\"private_key\":\"" SEED "\"}",
	    "/key_id");
	ck_refused("{\"agent_id\":\"x\",\"key_id\":\"" KEY_ID
		   "\",\"private_key\":\"" SEED "\"}",
	    "/agent_id");
}
END_TEST

START_TEST(a_refusal_does_not_repeat_the_secret)
{
	ck_refused("{\"agent_id\":\"" AGENT "\",\"key_id\":\"" KEY_ID
		   "\",\"private_key\":\"hunter2\"}",
	    "/private_key");
	ck_assert_ptr_null(strstr(err.text, "hunter2"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("identity");
	TCase *tcase = tcase_create("identity");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, an_identity_is_read_and_written_as_it_was);
	tcase_add_test(tcase, api_key_and_broker_may_be_absent);
	tcase_add_test(tcase, an_identity_out_of_form_is_refused_by_name);
	tcase_add_test(tcase, a_refusal_does_not_repeat_the_secret);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
