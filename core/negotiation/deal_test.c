/* SPDX-License-Identifier: Apache-2.0 */
/* deal_test.c - the whole table of moves: what is in it, and that nothing else
   happens. */
#include "negotiation/deal.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/*
 * The business rule, written a second time: by state the moves that it has,
 * as "event>next:parties", r requester, p provider, b broker, o operator.
 */
static const char *const rule[DEAL_N_STATES] = {
	[DEAL_OPEN] = "offer>open:pb select>proposed:r contract>working:rb "
		      "last_fail>failed:b cancel>cancelled:ro expire>expired:b",
	[DEAL_PROPOSED] =
	    "sign>signed:rp cancel>cancelled:rpo expire>expired:b",
	[DEAL_SIGNED] =
	    "execute>working:r cancel>cancelled:rpo expire>expired:b",
	[DEAL_WORKING] = "retry>working:pb result>signed:p "
			 "last_result>settled:p fail>signed:pb "
			 "last_fail>failed:pb",
	[DEAL_SETTLED] = "",
	[DEAL_FAILED] = "",
	[DEAL_EXPIRED] = "",
	[DEAL_CANCELLED] = "",
};

static const struct {
	char letter;
	enum deal_party party;
} parties[] = { { 'r', PARTY_REQUESTER }, { 'p', PARTY_PROVIDER },
	{ 'b', PARTY_BROKER }, { 'o', PARTY_OPERATOR } };

static struct aicx_error err;

/* The next state's name and the parties of a move; false: there is none. */
static bool
rule_find(enum deal_state state, enum deal_event event,
    struct aicx_str *ret_next, struct aicx_str *ret_parties)
{
	struct aicx_str rest = str_of(rule[state]);

	while (rest.len > 0) {
		struct aicx_str move = str_cut(rest, ' ', &rest), after;
		struct aicx_str name = str_cut(move, '>', &after);
		*ret_next = str_cut(after, ':', ret_parties);
		if (str_is(name, deal_event_name(event)))
			return true;
	}
	return false;
}

static void
check_cell(enum deal_state state, enum deal_event event, size_t party)
{
	struct aicx_str name, letters;
	enum deal_state next = DEAL_N_STATES;
	bool known = rule_find(state, event, &name, &letters);
	bool may = known &&
	    memchr(letters.ptr, parties[party].letter, letters.len) != NULL;

	err = (struct aicx_error) { 0 };
	aicx_err got =
	    deal_step(state, event, parties[party].party, &next, &err);
	ck_assert_msg((got == AICX_OK) == may, "%s, %s by %c: %s",
	    deal_state_name(state), deal_event_name(event),
	    parties[party].letter, err.text);
	if (may) {
		ck_assert(str_is(name, deal_state_name(next)));
		return;
	}
	ck_assert_int_eq(next, DEAL_N_STATES);
	ck_assert_int_eq(got, known ? AICX_EDENIED : AICX_ESTATE);
	ck_assert_str_eq(err.word, known ? "denied" : "wrong_state");
}

START_TEST(each_move_is_made_by_its_parties_and_by_nobody_else)
{
	for (unsigned state = 0; state < DEAL_N_STATES; state++)
		for (unsigned event = 0; event < DEAL_N_EVENTS; event++)
			for (size_t party = 0; party < 4; party++)
				check_cell((enum deal_state)state,
				    (enum deal_event)event, party);
}
END_TEST

START_TEST(the_table_has_no_move_beyond_the_rule)
{
	struct aicx_str next, letters;

	for (size_t i = 0; i < n_deal_moves; i++) {
		const struct deal_move *move = &deal_moves[i];
		ck_assert(rule_find(move->from, move->event, &next, &letters));
		ck_assert_uint_ne(move->who, 0);
		ck_assert_uint_eq(move->who & ~15u, 0);
		for (size_t k = 0; k < i; k++)
			ck_assert(deal_moves[k].from != move->from ||
			    deal_moves[k].event != move->event);
	}
}
END_TEST

START_TEST(a_final_state_has_no_way_out_and_every_other_has_one)
{
	size_t n_out[DEAL_N_STATES] = { 0 };

	for (size_t i = 0; i < n_deal_moves; i++)
		n_out[deal_moves[i].from] +=
		    deal_moves[i].to != deal_moves[i].from;
	for (unsigned state = 0; state < DEAL_N_STATES; state++)
		ck_assert_int_eq(
		    deal_is_final((enum deal_state)state), n_out[state] == 0);
	ck_assert(deal_is_final(DEAL_SETTLED));
	ck_assert(!deal_is_final(DEAL_WORKING));
}
END_TEST

/* Marks every state that can be reached from one, by any number of moves. */
static void
reach(unsigned from, bool reached[DEAL_N_STATES])
{
	reached[from] = true;
	for (size_t i = 0; i < n_deal_moves; i++)
		if (deal_moves[i].from == from && !reached[deal_moves[i].to])
			reach(deal_moves[i].to, reached);
}

START_TEST(every_state_is_reached_and_every_deal_can_end)
{
	for (unsigned state = 0; state < DEAL_N_STATES; state++) {
		bool reached[DEAL_N_STATES] = { false };
		bool ends = false;
		reach(state, reached);
		for (unsigned to = 0; to < DEAL_N_STATES; to++) {
			ck_assert(reached[to] || state != DEAL_OPEN);
			ends = ends ||
			    (reached[to] && deal_is_final((enum deal_state)to));
		}
		ck_assert_msg(
		    ends, "%s", deal_state_name((enum deal_state)state));
	}
}
END_TEST

START_TEST(time_ends_a_deal_only_while_nothing_is_held)
{
	enum deal_state next;

	for (unsigned state = 0; state < DEAL_N_STATES; state++) {
		bool idle = state == DEAL_OPEN || state == DEAL_PROPOSED ||
		    state == DEAL_SIGNED;
		ck_assert_int_eq(deal_step((enum deal_state)state, DEAL_EXPIRE,
				     PARTY_BROKER, &next, NULL) == AICX_OK,
		    idle);
		ck_assert_int_eq(deal_step((enum deal_state)state, DEAL_CANCEL,
				     PARTY_REQUESTER, &next, NULL) == AICX_OK,
		    idle);
	}
}
END_TEST

START_TEST(refusals_name_the_event_and_the_state)
{
	enum deal_state next;

	ck_assert_int_eq(
	    deal_step(DEAL_SETTLED, DEAL_EXECUTE, PARTY_REQUESTER, &next, &err),
	    AICX_ESTATE);
	ck_assert_str_eq(err.text, "cannot execute a deal that is settled");
	ck_assert_int_eq(
	    deal_step(DEAL_OPEN, DEAL_SELECT, PARTY_PROVIDER, &next, &err),
	    AICX_EDENIED);
	ck_assert_str_eq(err.text,
	    "cannot select a deal that is open: not this party's move");
}
END_TEST

START_TEST(a_row_is_printed_and_read_back)
{
	struct deal deal = {
		.deal_id = { { 1 } },
		.state = DEAL_WORKING,
		.requester_id = { { 2 } },
		.provider_id = { { 3 } },
		.hold_id = { { 4 } },
		.buy = true,
		.why = STR("{\"rule\":\"lowest_price\"}"),
		.detail = STR("two\nlines"),
		.created_ms = 1795352646000,
		.changed_ms = 1795352646001,
	};
	struct deal back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct json doc;
	struct json_writer w = json_writer(&buf);

	json_open(&w, '{');
	field_print(deal_fields, &deal, NULL, &w);
	json_close(&w);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(field_parse(deal_fields, json_root(&doc), NULL, true,
			     &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert(str_eq(back.why, deal.why));
	ck_assert(str_eq(back.detail, deal.detail));
	back.why = deal.why;
	back.detail = deal.detail;
	ck_assert_mem_eq(&back.deal_id, &deal.deal_id, sizeof deal.deal_id);
	ck_assert_mem_eq(&back.hold_id, &deal.hold_id, sizeof deal.hold_id);
	ck_assert_int_eq(back.state, DEAL_WORKING);
	ck_assert(back.buy);
	ck_assert_int_eq(back.changed_ms, deal.changed_ms);
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("deal");
	TCase *tcase = tcase_create("deal");

	tcase_add_test(
	    tcase, each_move_is_made_by_its_parties_and_by_nobody_else);
	tcase_add_test(tcase, the_table_has_no_move_beyond_the_rule);
	tcase_add_test(
	    tcase, a_final_state_has_no_way_out_and_every_other_has_one);
	tcase_add_test(tcase, every_state_is_reached_and_every_deal_can_end);
	tcase_add_test(tcase, time_ends_a_deal_only_while_nothing_is_held);
	tcase_add_test(tcase, refusals_name_the_event_and_the_state);
	tcase_add_test(tcase, a_row_is_printed_and_read_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
