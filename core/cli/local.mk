# core/cli/local.mk - this folder's part of the build: aicx, the command line.
noinst_LIBRARIES += core/libcli.a
CLI_LIBS = $(ZLIB_LIBS)
core_libcli_a_SOURCES = \
	core/cli/archive.c core/cli/archive.h core/cli/page.c core/cli/page.h \
	core/cli/part_file.c core/cli/part_file.h core/cli/run_audit.c \
	core/cli/amount.c core/cli/amount.h \
	core/cli/audit.c core/cli/audit.h \
	core/cli/call.c core/cli/call.h core/cli/call_target.c \
	core/cli/channel.c core/cli/channel.h \
	core/cli/channel_open.c core/cli/channel_state.h \
	core/cli/child.c core/cli/child.h \
	core/cli/file.c core/cli/file.h \
	core/cli/folder.c core/cli/folder.h \
	core/cli/help.c core/cli/help.h \
	core/cli/http.c core/cli/http.h core/cli/http_head.c \
	core/cli/invocation.c core/cli/invocation.h \
	core/cli/job.c core/cli/job.h \
	core/cli/net.c core/cli/net.h \
	core/cli/offering.c core/cli/offering.h \
	core/cli/outside.c core/cli/outside.h \
	core/cli/params.c core/cli/params.h \
	core/cli/pins.c core/cli/pins.h \
	core/cli/policy.c core/cli/policy.h \
	core/cli/policy_host.c core/cli/policy_host.h \
	core/cli/problem.c core/cli/problem.h \
	core/cli/replies.c core/cli/replies.h \
	core/cli/run.h \
	core/cli/run_rights.c core/cli/run_agent.c core/cli/run_buy.c core/cli/run_certificate.c core/cli/run_deal.c \
	core/cli/run_health.c core/cli/run_ledger.c \
	core/cli/run_message.c \
	core/cli/run_recover.c core/cli/run_route.c core/cli/run_sell.c \
	core/cli/run_sign.c core/cli/run_verify.c \
	core/cli/self.c core/cli/self.h \
	core/cli/seller.c core/cli/seller.h \
	core/cli/seller_goods.c core/cli/seller_offer.c \
	core/cli/seller_work.c \
	core/cli/spawn.c core/cli/spawn.h \
	core/cli/table.c core/cli/table.h \
	core/cli/tool.c core/cli/tool.h \
	core/cli/toolbox.c core/cli/toolbox.h \
	core/cli/toolbox_answer.c core/cli/toolbox_ask.c \
	core/cli/toolbox_call.c core/cli/toolbox_state.h \
	core/cli/url.c core/cli/url.h \
	core/cli/vault.c core/cli/vault.h \
	core/cli/verb.h core/cli/verbs.c \
	core/cli/verify.c core/cli/verify.h core/cli/verify_back.c \
	core/cli/verify_batch.c \
	core/cli/verify_bill.c core/cli/verify_books.c \
	core/cli/verify_books.h core/cli/verify_choice.c \
	core/cli/verify_contract.c core/cli/verify_covers.c core/cli/verify_delegation.c \
	core/cli/verify_deal.c core/cli/verify_deal.h \
	core/cli/verify_decision.c core/cli/verify_entries.c \
	core/cli/verify_files.c core/cli/verify_ledger.c \
	core/cli/verify_note.c core/cli/verify_objects.c core/cli/verify_part.c core/cli/verify_part.h \
	core/cli/verify_period.c core/cli/verify_price.c \
	core/cli/verify_price.h core/cli/verify_records.c \
	core/cli/verify_set.c core/cli/verify_set.h \
	core/cli/verify_work.c \
	core/cli/words.c \
	core/cli/worker.c core/cli/worker.h \
	core/cli/worker_http.c core/cli/worker_mcp.c core/cli/worker_program.c \
	core/cli/ws.c core/cli/ws.h
# The Lua host lies beside its plugin; nothing else of plugins/ is used.
core_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins $(JANSSON_CFLAGS) $(ZLIB_CFLAGS)

bin_PROGRAMS += core/cli/aicx
core_cli_aicx_SOURCES = core/cli/aicx.c
core_cli_aicx_LDADD = core/libcli.a core/libcore.a libluahost.la $(CLI_LIBS) $(CORE_LIBS)

dist_man_MANS += core/cli/aicx.1

CLI_TESTS_LDADD = core/libcli.a core/libcore.a libluahost.la $(CLI_LIBS) $(CORE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += \
	core/cli/amount_test core/cli/http_test core/cli/job_test \
	core/cli/self_test core/cli/seller_test core/cli/table_test \
	core/cli/tool_test core/cli/toolbox_test \
	core/cli/verify_files_test core/cli/verify_price_test \
	core/cli/verify_test core/cli/words_test \
	core/cli/worker_http_test core/cli/ws_test
core_cli_verify_price_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_amount_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_http_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_job_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_self_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_table_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_tool_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_toolbox_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_words_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_worker_http_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_ws_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_seller_test_SOURCES = core/cli/seller_test.c \
	core/cli/fake_broker.c core/cli/fake_broker.h
core_cli_seller_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_verify_test_SOURCES = core/cli/verify_test.c \
	core/cli/deal_file.c core/cli/deal_maker.c core/cli/deal_maker.h core/cli/deal_making.h
core_cli_verify_test_LDADD = $(CLI_TESTS_LDADD)
core_cli_verify_files_test_SOURCES = core/cli/verify_files_test.c \
	core/cli/deal_file.c core/cli/deal_maker.c core/cli/deal_maker.h core/cli/deal_making.h \
	core/cli/history_maker.c core/cli/history_maker.h
core_cli_verify_files_test_LDADD = $(CLI_TESTS_LDADD)
