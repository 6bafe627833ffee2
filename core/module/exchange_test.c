/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_test.c - the host table as a plugin sees it: HTTP from transports
   to gateways, and what carries the instance's name. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "module/module.h"
#include "module/testdata/probe.h"
#include "module/testdata/stage.h"

#define BUILT "core/module/testdata/.libs/"

/* What the transport was answered. */
struct reply {
	int n;
	uint16_t status;
	struct buf type, body;
	struct aicx_exchange *exchange;
};

static void
on_reply(const struct aicx_http_response *response, void *arg)
{
	struct reply *reply = arg;

	reply->n++;
	reply->status = response->status;
	buf_clear(&reply->type);
	buf_str(&reply->type, response->content_type);
	buf_clear(&reply->body);
	buf_str(&reply->body, response->body);
}

static void
reply_fini(struct reply *reply)
{
	buf_fini(&reply->type);
	buf_fini(&reply->body);
}

/* Gateways "root" at /, "v1" at /v1 and "deals" at /v1/deals. */
static void
stage_gateways(struct stage *stage)
{
	stage_init(stage);
	stage_plugin(stage, BUILT "gateway_echo.so", "gateway_echo.so");
	stage_plugin(stage, BUILT "hook_link.so", "hook_link.so");
	stage_open(stage,
	    "[currency \"AIC\"]\nscale = 6\n"
	    "[gateway echo \"v1\"]\nprefix = /v1\n"
	    "[gateway echo \"deals\"]\nprefix = /v1/deals\n"
	    "[gateway echo \"site\"]\nprefix = /site/\n"
	    "[hook link \"probe\"]\n");
}

static struct probe *
probe_of(const struct stage *stage, uint32_t kind, const char *instance)
{
	return module_state(modules_find(stage->modules, kind, instance));
}

static void
serve(const struct stage *stage, const char *method, const char *path,
    struct reply *reply)
{
	struct probe *transport = probe_of(stage, AICX_HOOK, "probe");
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = str_of(method),
		.path = str_of(path),
	};

	transport->host->serve(
	    transport->self, &request, on_reply, reply, &reply->exchange);
}

START_TEST(the_longest_prefix_wins)
{
	static const struct {
		const char *path, *prefix;
	} cases[] = {
		{ "/v1", "/v1" },
		{ "/v1/agents", "/v1" },
		{ "/v1/deals", "/v1/deals" },
		{ "/v1/deals/1", "/v1/deals" },
		{ "/v1/dealsx", "/v1" },
		{ "/site/", "/site/" },
		{ "/site/a", "/site/" },
	};
	struct stage stage;
	struct reply reply = { 0 };

	stage_gateways(&stage);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		serve(&stage, "GET", cases[i].path, &reply);
		ck_assert_int_eq(reply.n, (int)i + 1);
		ck_assert_int_eq(reply.status, 200);
		ck_assert_str_eq(buf_cstr(&reply.body), cases[i].prefix);
		ck_assert_ptr_null(reply.exchange);
	}
	reply_fini(&reply);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_path_nobody_answers_is_a_problem_404)
{
	static const char *const paths[] = { "/", "/v10", "/site", "" };
	struct stage stage;
	struct reply reply = { 0 };

	stage_gateways(&stage);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		serve(&stage, "GET", paths[i], &reply);
		ck_assert_int_eq(reply.n, (int)i + 1);
		ck_assert_int_eq(reply.status, 404);
		ck_assert_str_eq(
		    buf_cstr(&reply.type), "application/problem+json");
		ck_assert_str_eq(buf_cstr(&reply.body),
		    "{\"type\":\"urn:aiconexus:problem:not_found\","
		    "\"title\":\"There is no such thing\",\"status\":404,"
		    "\"detail\":\"nothing answers this path\","
		    "\"code\":\"not_found\"}");
		ck_assert_ptr_null(reply.exchange);
	}
	reply_fini(&reply);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_late_answer_arrives_once)
{
	struct aicx_http_response response = { .size = sizeof response,
		.status = 201 };
	struct stage stage;
	struct reply reply = { 0 };

	stage_gateways(&stage);
	serve(&stage, "HOLD", "/v1", &reply);
	struct probe *gateway = probe_of(&stage, AICX_GATEWAY, "v1");
	ck_assert_int_eq(reply.n, 0);
	ck_assert_ptr_nonnull(reply.exchange);
	ck_assert_ptr_eq(reply.exchange, gateway->held);
	gateway->host->respond(gateway->held, &response);
	ck_assert_int_eq(reply.n, 1);
	ck_assert_int_eq(reply.status, 201);
	reply_fini(&reply);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_cancelled_exchange_is_told_to_the_gateway_and_not_answered)
{
	struct stage stage;
	struct reply reply = { 0 };

	stage_gateways(&stage);
	serve(&stage, "HOLD", "/v1", &reply);
	struct probe *gateway = probe_of(&stage, AICX_GATEWAY, "v1");
	gateway->host->serve_cancel(reply.exchange);
	ck_assert_int_eq(gateway->n_cancelled, 1);
	ck_assert_ptr_null(gateway->held);
	modules_close(stage.modules);
	ck_assert_int_eq(reply.n, 0);
	reply_fini(&reply);
	stage_fini(&stage);
}
END_TEST

START_TEST(what_a_closing_gateway_owes_is_answered_with_503)
{
	struct stage stage;
	struct reply reply = { 0 }, other = { 0 };

	stage_gateways(&stage);
	serve(&stage, "HOLD", "/v1", &reply);
	serve(&stage, "HOLD", "/v1/deals", &other);
	modules_close(stage.modules);
	ck_assert_int_eq(reply.n, 1);
	ck_assert_int_eq(reply.status, 503);
	ck_assert_ptr_nonnull(
	    strstr(buf_cstr(&reply.body), "\"code\":\"draining\""));
	ck_assert_int_eq(other.n, 1);
	reply_fini(&reply);
	reply_fini(&other);
	stage_fini(&stage);
}
END_TEST

/* --- answers in parts ------------------------------------------------ */

struct stream {
	struct buf said; /* "begin 200;part ab;end 1;" */
	struct aicx_exchange *exchange;
	aicx_err takes;
};

static void
on_begin(const struct aicx_http_response *response, void *arg)
{
	struct stream *stream = arg;

	buf_printf(&stream->said, "begin %u;", response->status);
}

static void
on_whole(const struct aicx_http_response *response, void *arg)
{
	struct stream *stream = arg;

	buf_printf(&stream->said, "whole %u;", response->status);
}

static aicx_err
on_part(struct aicx_str bytes, void *arg)
{
	struct stream *stream = arg;

	if (stream->takes == AICX_OK)
		buf_printf(
		    &stream->said, "part %.*s;", (int)bytes.len, bytes.ptr);
	return stream->takes;
}

static size_t
on_queued(void *arg)
{
	(void)arg;
	return 7;
}

static void
on_stream_end(int complete, void *arg)
{
	struct stream *stream = arg;

	buf_printf(&stream->said, "end %d;", complete);
}

static const struct aicx_http_sink sink = {
	.size = sizeof sink,
	.whole = on_whole,
	.begin = on_begin,
	.part = on_part,
	.queued = on_queued,
	.end = on_stream_end,
};

static struct probe *
serve_stream(const struct stage *stage, struct stream *stream)
{
	struct probe *transport = probe_of(stage, AICX_HOOK, "probe");
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = STR("HOLD"),
		.path = STR("/v1"),
	};

	transport->host->serve_streams(
	    transport->self, &request, &sink, stream, &stream->exchange);
	return probe_of(stage, AICX_GATEWAY, "v1");
}

START_TEST(parts_reach_the_transport_in_order)
{
	struct aicx_http_response response = { .size = sizeof response,
		.status = 200 };
	struct stage stage;
	struct stream stream = { 0 };

	stage_gateways(&stage);
	struct probe *gateway = serve_stream(&stage, &stream);
	const struct aicx_host *host = gateway->host;
	struct aicx_exchange *held = gateway->held;
	ck_assert_int_eq(host->respond_part(held, STR("early")), AICX_ESTATE);
	ck_assert_uint_eq(host->respond_queued(held), 0);
	ck_assert_int_eq(host->respond_begin(held, &response), AICX_OK);
	ck_assert_int_eq(host->respond_begin(held, &response), AICX_ESTATE);
	ck_assert_int_eq(host->respond_part(held, STR("ab")), AICX_OK);
	stream.takes = AICX_EAGAIN;
	ck_assert_int_eq(host->respond_part(held, STR("cd")), AICX_EAGAIN);
	ck_assert_uint_eq(host->respond_queued(held), 7);
	host->serve_drained(held);
	ck_assert_int_eq(gateway->n_drained, 1);
	host->respond_end(held, 1);
	ck_assert_str_eq(buf_cstr(&stream.said), "begin 200;part ab;end 1;");
	ck_assert_int_eq(gateway->n_cancelled, 0);
	buf_fini(&stream.said);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_stream_the_client_left_is_cancelled)
{
	struct aicx_http_response response = { .size = sizeof response,
		.status = 200 };
	struct stage stage;
	struct stream stream = { 0 };

	stage_gateways(&stage);
	struct probe *gateway = serve_stream(&stage, &stream);
	(void)gateway->host->respond_begin(gateway->held, &response);
	gateway->host->serve_cancel(stream.exchange);
	ck_assert_int_eq(gateway->n_cancelled, 1);
	modules_close(stage.modules);
	ck_assert_str_eq(buf_cstr(&stream.said), "begin 200;");
	buf_fini(&stream.said);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_stream_of_a_closing_gateway_is_broken_off)
{
	struct aicx_http_response response = { .size = sizeof response,
		.status = 200 };
	struct stage stage;
	struct stream stream = { 0 }, other = { 0 };

	stage_gateways(&stage);
	struct probe *gateway = serve_stream(&stage, &stream);
	(void)gateway->host->respond_begin(gateway->held, &response);
	(void)serve_stream(&stage, &other);
	modules_close(stage.modules);
	ck_assert_str_eq(buf_cstr(&stream.said), "begin 200;end 0;");
	ck_assert_str_eq(buf_cstr(&other.said), "whole 503;");
	buf_fini(&stream.said);
	buf_fini(&other.said);
	stage_fini(&stage);
}
END_TEST

START_TEST(what_does_not_fit_to_a_stream_is_refused)
{
	struct aicx_http_response response = { .size = sizeof response,
		.status = 200 };
	struct stage stage;
	struct reply reply = { 0 };
	struct stream unbegun = { 0 }, twice = { 0 };

	stage_gateways(&stage);
	serve(&stage, "HOLD", "/v1", &reply); /* a transport without streams */
	struct probe *gateway = probe_of(&stage, AICX_GATEWAY, "v1");
	const struct aicx_host *host = gateway->host;
	ck_assert_int_eq(
	    host->respond_begin(gateway->held, &response), AICX_ESTATE);
	host->respond(gateway->held, &response);
	ck_assert_int_eq(reply.status, 200);
	(void)serve_stream(&stage, &unbegun);
	host->respond_end(gateway->held, 1);
	ck_assert_str_eq(buf_cstr(&unbegun.said), "whole 500;");
	(void)serve_stream(&stage, &twice);
	(void)host->respond_begin(gateway->held, &response);
	host->respond(gateway->held, &response);
	ck_assert_str_eq(buf_cstr(&twice.said), "begin 200;end 0;");
	reply_fini(&reply);
	buf_fini(&unbegun.said);
	buf_fini(&twice.said);
	stage_fini(&stage);
}
END_TEST

/* --- a path that is no gateway's ------------------------------------- */

struct hook {
	struct probe *plugin;
	struct aicx_exchange *held;
	int n_asked, n_cancelled;
};

static void
on_hook(void *arg, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct hook *hook = arg;
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = 202,
		.body = request->path,
	};

	hook->n_asked++;
	if (str_is(request->method, "HOLD"))
		hook->held = exchange;
	else
		hook->plugin->host->respond(exchange, &response);
}

static void
on_hook_cancel(void *arg, struct aicx_exchange *exchange)
{
	struct hook *hook = arg;

	ck_assert_ptr_eq(hook->held, exchange);
	hook->held = NULL;
	hook->n_cancelled++;
}

static const struct aicx_path_ops hook_ops = { sizeof hook_ops, on_hook,
	on_hook_cancel };

START_TEST(a_plugin_that_is_no_gateway_answers_its_path)
{
	struct stage stage;
	struct reply reply = { 0 };
	struct hook hook = { 0 };
	struct aicx_error err = { 0 };

	stage_gateways(&stage);
	hook.plugin = probe_of(&stage, AICX_HOOK, "probe");
	const struct aicx_host *host = hook.plugin->host;
	ck_assert_int_eq(host->listen_path(hook.plugin->self, "/v1/hooks/pay",
			     &hook_ops, &hook, &err),
	    AICX_OK);
	serve(&stage, "POST", "/v1/hooks/pay", &reply);
	serve(&stage, "POST", "/v1/hooks/pay/7", &reply);
	ck_assert_int_eq(hook.n_asked, 2);
	ck_assert_int_eq(reply.n, 2);
	ck_assert_int_eq(reply.status, 202);
	ck_assert_str_eq(buf_cstr(&reply.body), "/v1/hooks/pay/7");
	serve(&stage, "POST", "/v1/hooks", &reply); /* the gateway's */
	ck_assert_str_eq(buf_cstr(&reply.body), "/v1");
	serve(&stage, "HOLD", "/v1/hooks/pay", &reply);
	ck_assert_int_eq(reply.n, 3);
	host->serve_cancel(reply.exchange);
	ck_assert_int_eq(hook.n_cancelled, 1);
	serve(&stage, "HOLD", "/v1/hooks/pay", &reply);
	modules_close(stage.modules);
	ck_assert_int_eq(reply.n, 4);
	ck_assert_int_eq(reply.status, 503);
	reply_fini(&reply);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_path_is_answered_by_one_instance)
{
	static const struct aicx_path_ops short_ops = { 8, NULL, NULL };
	struct stage stage;
	struct hook hook = { 0 };
	struct aicx_error err = { 0 };

	stage_gateways(&stage);
	hook.plugin = probe_of(&stage, AICX_HOOK, "probe");
	struct aicx_self *self = hook.plugin->self;
	const struct aicx_host *host = hook.plugin->host;
	ck_assert_int_eq(
	    host->listen_path(self, "/v1/deals", &hook_ops, &hook, &err),
	    AICX_EEXIST);
	ck_assert_str_eq(
	    err.text, "path \"/v1/deals\" is answered by \"deals\" already");
	ck_assert_int_eq(
	    host->listen_path(self, "hooks", &hook_ops, &hook, &err),
	    AICX_EINVAL);
	ck_assert_int_eq(
	    host->listen_path(self, "/hooks", &short_ops, &hook, &err),
	    AICX_EINVAL);
	for (char path[] = "/a"; path[1] < 'a' + 16; path[1]++)
		ck_assert_int_eq(
		    host->listen_path(self, path, &hook_ops, &hook, &err),
		    AICX_OK);
	ck_assert_int_eq(
	    host->listen_path(self, "/more", &hook_ops, &hook, &err),
	    AICX_ELIMIT);
	stage_fini(&stage);
}
END_TEST

static void
on_refused(const struct aicx_http_outcome *outcome, void *arg)
{
	*(aicx_err *)arg = outcome->err;
}

START_TEST(a_plugin_asks_servers_outside_but_not_our_neighbours)
{
	struct stage stage;
	struct aicx_error err = { 0 };
	struct aicx_fetch *fetch;
	aicx_err outcome = AICX_OK;
	struct aicx_http_ask ask = { .size = sizeof ask,
		.method = STR("GET"),
		.url = STR("http://127.0.0.1:9/"),
		.timeout_ms = 1000 };

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	ck_assert_int_eq(plugin->host->http_request(plugin->self, &ask,
			     on_refused, &outcome, &fetch, &err),
	    AICX_OK);
	for (int i = 0; i < 100 && outcome == AICX_OK; i++)
		loop_once(stage.loop, 100);
	ck_assert_int_eq(outcome, AICX_EDENIED);
	stage_fini(&stage);
}
END_TEST

START_TEST(a_mac_is_that_of_rfc_4231)
{
	static const uint8_t head[4] = { 0x5b, 0xdc, 0xc1, 0x46 };
	struct stage stage;
	uint8_t mac[32];

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	plugin->host->hmac_sha256(plugin->self, STR("Jefe"),
	    STR("what do ya want for nothing?"), mac);
	ck_assert_mem_eq(mac, head, sizeof head);
	stage_fini(&stage);
}
END_TEST

/* The example of RFC 7515 appendix A.3. */
START_TEST(a_jws_of_others_is_verified)
{
	static const uint8_t p256[65] = { 4, 127, 205, 206, 39, 112, 246, 196,
		93, 65, 131, 203, 238, 111, 219, 75, 123, 88, 7, 51, 53, 123,
		233, 239, 19, 186, 207, 110, 60, 123, 209, 84, 69, 199, 241, 68,
		205, 27, 189, 155, 126, 135, 44, 223, 237, 185, 238, 185, 244,
		179, 105, 93, 110, 169, 11, 36, 173, 138, 70, 35, 40, 133, 136,
		229, 173 };
	static const uint8_t signature[64] = { 14, 209, 33, 83, 121, 99, 108,
		72, 60, 47, 127, 21, 88, 7, 212, 2, 163, 178, 40, 3, 58, 249,
		124, 126, 23, 129, 154, 195, 22, 158, 166, 101, 197, 10, 7, 211,
		140, 60, 112, 229, 216, 241, 45, 175, 8, 74, 84, 128, 166, 101,
		144, 197, 242, 147, 80, 154, 143, 63, 127, 138, 131, 163, 84,
		213 };
	const struct aicx_str key = { (const char *)p256, sizeof p256 };
	const struct aicx_str sig = { (const char *)signature, 64 };
	const struct aicx_str text = STR(
	    "eyJhbGciOiJFUzI1NiJ9."
	    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
	    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ");
	const uint8_t point[65] = { 4, 1, 2, 3 };
	const struct aicx_str off_curve = { (const char *)point, 65 };
	struct stage stage;

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	const struct aicx_host *host = plugin->host;
	struct aicx_self *self = plugin->self;
	ck_assert(host->verify_jws(self, STR("ES256"), key, text, sig));
	ck_assert(!host->verify_jws(self, STR("ES256"), key, STR("e"), sig));
	ck_assert(!host->verify_jws(self, STR("EdDSA"), key, text, sig));
	ck_assert(!host->verify_jws(self, STR("none"), key, text, sig));
	ck_assert(!host->verify_jws(self, STR("ES256"), off_curve, text, sig));
	ck_assert(!host->verify_jws(
	    self, STR("ES256"), key, text, (struct aicx_str) { NULL, 0 }));
	stage_fini(&stage);
}
END_TEST

START_TEST(keys_live_under_the_instance)
{
	struct stage stage;
	struct aicx_error err = { 0 };
	struct aicx_str value = { 0 };

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	ck_assert_int_eq(
	    plugin->host->put(plugin->self, STR("seen"), STR("7"), &err),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&stage.key), "plugin/probe/seen");
	ck_assert_int_eq(
	    plugin->host->get(plugin->self, STR("seen"), &value, &err),
	    AICX_OK);
	ck_assert(str_is(value, "7"));
	struct probe *other = probe_of(&stage, AICX_GATEWAY, "v1");
	ck_assert_int_eq(
	    other->host->get(other->self, STR("seen"), &value, &err),
	    AICX_ENOTFOUND);
	stage_fini(&stage);
}
END_TEST

START_TEST(empty_and_long_keys_are_refused)
{
	static char key[1025];
	struct stage stage;
	struct aicx_error err = { 0 };
	struct aicx_str value = { 0 };

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	memset(key, 'k', sizeof key);
	ck_assert_int_eq(plugin->host->put(plugin->self,
			     (struct aicx_str) { key, 1024 }, STR("7"), &err),
	    AICX_OK);
	ck_assert_int_eq(plugin->host->put(plugin->self,
			     (struct aicx_str) { key, 1025 }, STR("7"), &err),
	    AICX_ELIMIT);
	ck_assert_str_eq(err.text, "key is longer than 1024 bytes");
	ck_assert_int_eq(plugin->host->get(plugin->self, STR(""), &value, &err),
	    AICX_EINVAL);
	ck_assert_str_eq(err.text, "key is empty");
	stage_fini(&stage);
}
END_TEST

START_TEST(a_plugin_learns_scales_and_times)
{
	struct stage stage;
	uint8_t bytes[16] = { 0 }, zero[16] = { 0 };

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	const struct aicx_host *host = plugin->host;
	ck_assert_int_eq(host->currency_scale(plugin->self, "AIC"), 6);
	ck_assert_int_eq(
	    host->currency_scale(plugin->self, "EUR"), AICX_ENOTFOUND);
	ck_assert_int_eq(host->wall_ms(plugin->self), 1000);
	int64_t now_ms = host->now_ms(plugin->self);
	ck_assert_int_ge(host->now_ms(plugin->self), now_ms);
	host->random(plugin->self, bytes, sizeof bytes);
	ck_assert_int_ne(memcmp(bytes, zero, sizeof bytes), 0);
	stage_fini(&stage);
}
END_TEST

START_TEST(the_host_table_has_no_hole)
{
	struct stage stage;

	stage_gateways(&stage);
	const struct aicx_host *host =
	    probe_of(&stage, AICX_HOOK, "probe")->host;
	ck_assert_uint_eq(host->size, sizeof *host);
	ck_assert_uint_eq(host->abi_minor, AICX_ABI_MINOR);
	const char *table = (const char *)host;
	for (size_t at = offsetof(struct aicx_host, log); at < sizeof *host;
	     at += sizeof(void *)) {
		void *field;
		memcpy(&field, table + at, sizeof field);
		ck_assert_msg(field != NULL, "field at %zu", at);
	}
	stage_fini(&stage);
}
END_TEST

static void
on_task(void *arg)
{
	(*(int *)arg)++;
}

START_TEST(tasks_and_timers_reach_the_loop)
{
	struct stage stage;
	struct aicx_timer *timer = NULL;
	int n_posted = 0, n_fired = 0;

	stage_gateways(&stage);
	struct probe *plugin = probe_of(&stage, AICX_HOOK, "probe");
	const struct aicx_host *host = plugin->host;
	ck_assert_int_eq(host->post(plugin->self, on_task, &n_posted), AICX_OK);
	ck_assert_int_eq(
	    host->timer_new(plugin->self, on_task, &n_fired, &timer), AICX_OK);
	host->timer_set(timer, 0);
	for (int i = 0; i < 100 && (n_posted == 0 || n_fired == 0); i++)
		loop_once(stage.loop, 100);
	ck_assert_int_eq(n_posted, 1);
	ck_assert_int_eq(n_fired, 1);
	host->timer_free(timer);
	stage_fini(&stage);
}
END_TEST

static int64_t
fixed_clock(void *arg)
{
	(void)arg;
	return 0;
}

START_TEST(log_lines_name_the_instance)
{
	struct stage stage;
	int ends[2];
	char line[256] = "";
	struct modules *modules = NULL;

	stage_gateways(&stage);
	ck_assert_int_eq(pipe(ends), 0);
	struct log *log = log_new(ends[1], LOG_INFO, fixed_clock, NULL);
	ck_assert_int_eq(modules_load(stage.conf, stage.dir, stage.loop, log,
			     &stage.ports, &modules, &stage.err),
	    AICX_OK);
	ck_assert_int_eq(modules_open(modules, &stage.err), AICX_OK);
	struct probe *plugin =
	    module_state(modules_find(modules, AICX_HOOK, "probe"));
	plugin->host->log(plugin->self, AICX_DEBUG, "x.dropped", NULL);
	plugin->host->log(plugin->self, AICX_WARN, "x.said", "hello");
	ck_assert_int_gt(read(ends[0], line, sizeof line - 1), 0);
	ck_assert_str_eq(line,
	    "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\","
	    "\"event\":\"x.said\",\"plugin\":\"probe\",\"text\":\"hello\"}\n");
	modules_free(modules);
	log_free(log);
	ck_assert_int_eq(close(ends[0]), 0);
	ck_assert_int_eq(close(ends[1]), 0);
	stage_fini(&stage);
}
END_TEST

int
main(void)
{
	TCase *http = tcase_create("http"), *host = tcase_create("host");
	Suite *suite = suite_create("exchange");

	tcase_add_test(http, the_longest_prefix_wins);
	tcase_add_test(http, a_path_nobody_answers_is_a_problem_404);
	tcase_add_test(http, a_late_answer_arrives_once);
	tcase_add_test(
	    http, a_cancelled_exchange_is_told_to_the_gateway_and_not_answered);
	tcase_add_test(http, what_a_closing_gateway_owes_is_answered_with_503);
	tcase_add_test(http, parts_reach_the_transport_in_order);
	tcase_add_test(http, a_stream_the_client_left_is_cancelled);
	tcase_add_test(http, a_stream_of_a_closing_gateway_is_broken_off);
	tcase_add_test(http, what_does_not_fit_to_a_stream_is_refused);
	tcase_add_test(http, a_plugin_that_is_no_gateway_answers_its_path);
	tcase_add_test(http, a_path_is_answered_by_one_instance);
	tcase_add_test(
	    host, a_plugin_asks_servers_outside_but_not_our_neighbours);
	tcase_add_test(host, a_mac_is_that_of_rfc_4231);
	tcase_add_test(host, a_jws_of_others_is_verified);
	tcase_add_test(host, keys_live_under_the_instance);
	tcase_add_test(host, empty_and_long_keys_are_refused);
	tcase_add_test(host, a_plugin_learns_scales_and_times);
	tcase_add_test(host, the_host_table_has_no_hole);
	tcase_add_test(host, tasks_and_timers_reach_the_loop);
	tcase_add_test(host, log_lines_name_the_instance);
	suite_add_tcase(suite, http);
	suite_add_tcase(suite, host);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
