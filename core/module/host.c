/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.c - the host table: each call finds its instance and goes on to the
 * loop, to the broker's ports or to the exchanges.
 */
#include "module/host.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "loop/fetch.h"
#include "module/exchange.h"
#include "module/host_listen.h"
#include "module/path.h"
#include "protocol/crypto.h"

enum { KEY_BYTES_MAX = 1024 };

static const struct module_ports *
ports_of(const struct aicx_self *self)
{
	return &self->module->all->ports;
}

static struct loop *
loop_of(const struct aicx_self *self)
{
	return self->module->all->loop;
}

static enum log_level
level_of(enum aicx_level level)
{
	switch (level) {
	case AICX_DEBUG:
		return LOG_DEBUG;
	case AICX_INFO:
		return LOG_INFO;
	case AICX_WARN:
		return LOG_WARN;
	case AICX_ERROR:
		break;
	}
	return LOG_ERROR; /* also for a number no level has */
}

static void
host_log(struct aicx_self *self, enum aicx_level level, const char *event,
    const char *text)
{
	if (text == NULL)
		LOG_AT(level_of(level), self->module->log, event);
	else
		LOG_AT(level_of(level), self->module->log, event,
		    KV("text", text));
}

static void
host_count(struct aicx_self *self, const char *metric, int64_t delta)
{
	const struct module_ports *ports = ports_of(self);

	ports->count(ports->arg, module_instance(self->module), metric, delta);
}

static int64_t
host_now_ms(struct aicx_self *self)
{
	return loop_now_ms(loop_of(self));
}

static int64_t
host_wall_ms(struct aicx_self *self)
{
	return ports_of(self)->wall_ms(ports_of(self)->arg);
}

static void
host_random(struct aicx_self *self, void *buf, size_t n_bytes)
{
	loop_random(loop_of(self), buf, n_bytes);
}

static aicx_err
host_currency_scale(struct aicx_self *self, const char *code)
{
	const struct currency *currency =
	    currencies_find(&self->module->all->conf->currencies, str_of(code));

	return currency != NULL ? currency->scale : AICX_ENOTFOUND;
}

static aicx_err
host_post(struct aicx_self *self, aicx_task_fn *fn, void *arg)
{
	return loop_post(loop_of(self), fn, arg);
}

static aicx_err
host_work(
    struct aicx_self *self, aicx_task_fn *work, aicx_task_fn *done, void *arg)
{
	return loop_work(loop_of(self), work, done, arg);
}

static aicx_err
host_timer_new(struct aicx_self *self, aicx_task_fn *fn, void *arg,
    struct aicx_timer **ret_timer)
{
	*ret_timer = loop_timer_new(loop_of(self), fn, arg);
	return AICX_OK;
}

static aicx_err
host_watch_fd(struct aicx_self *self, int fd, uint32_t events,
    aicx_watch_fn *fn, void *arg, struct aicx_watch **ret_watch)
{
	struct aicx_watch *watch =
	    loop_watch_new(loop_of(self), fd, events, fn, arg);

	if (watch == NULL)
		return AICX_EINVAL;
	*ret_watch = watch;
	return AICX_OK;
}

static const char *
host_listener_address(struct aicx_listener *listener)
{
	return loop_listener_address(listener);
}

static aicx_err
host_stream_connect(struct aicx_self *self, const char *address,
    const struct aicx_stream_ops *ops, void *arg,
    struct aicx_stream **ret_stream, struct aicx_error *reterr)
{
	return loop_stream_connect(
	    loop_of(self), address, ops, arg, ret_stream, reterr);
}

static size_t
host_stream_queued(struct aicx_stream *stream)
{
	return loop_stream_queued(stream);
}

static void
host_stream_pause(struct aicx_stream *stream, int paused)
{
	loop_stream_pause(stream, paused != 0);
}

static aicx_err
host_peer_new(struct aicx_self *self, const struct aicx_peer_ops *ops,
    void *conn, const struct aicx_peer_info *info, struct aicx_peer **ret_peer,
    struct aicx_error *reterr)
{
	const struct module_ports *ports = ports_of(self);

	return ports->peer_new(ports->arg, ops, conn, info, ret_peer, reterr);
}

static const struct aicx_method *const *
host_methods(struct aicx_self *self, size_t *ret_n)
{
	const struct module_ports *ports = ports_of(self);

	return ports->methods(ports->arg, ret_n);
}

static void
host_call(struct aicx_self *self, const struct aicx_call *call,
    aicx_answer_fn *done, void *arg, struct aicx_ticket **ret_ticket)
{
	const struct module_ports *ports = ports_of(self);

	ports->call(ports->arg, call, done, arg, ret_ticket);
}

/* plugin/<instance>/<key>; instance names hold no '/', so no two meet. */
static aicx_err
full_key(const struct aicx_self *self, struct aicx_str key, struct buf *out,
    struct aicx_error *reterr)
{
	if (key.len == 0)
		return err_set(reterr, AICX_EINVAL, "key is empty");
	if (key.len > KEY_BYTES_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "key is longer than %d bytes", KEY_BYTES_MAX);
	buf_printf(out, "plugin/%s/", module_instance(self->module));
	buf_str(out, key);
	return AICX_OK;
}

static aicx_err
host_put(struct aicx_self *self, struct aicx_str key, struct aicx_str value,
    struct aicx_error *reterr)
{
	const struct module_ports *ports = ports_of(self);
	AUTO(buf_fini) struct buf full = { 0 };
	aicx_err err = full_key(self, key, &full, reterr);

	if (err != AICX_OK)
		return err;
	return ports->put(ports->arg, buf_view(&full), value, reterr);
}

static aicx_err
host_get(struct aicx_self *self, struct aicx_str key,
    struct aicx_str *ret_value, struct aicx_error *reterr)
{
	const struct module_ports *ports = ports_of(self);
	AUTO(buf_fini) struct buf full = { 0 };
	aicx_err err = full_key(self, key, &full, reterr);

	if (err != AICX_OK)
		return err;
	return ports->get(ports->arg, buf_view(&full), ret_value, reterr);
}

static aicx_err
host_http_request(struct aicx_self *self, const struct aicx_http_ask *ask,
    aicx_http_done_fn *done, void *arg, struct aicx_fetch **ret_fetch,
    struct aicx_error *reterr)
{
	return loop_fetch(loop_of(self), ask, done, arg, ret_fetch, reterr);
}

static void
host_hmac_sha256(struct aicx_self *self, struct aicx_str key,
    struct aicx_str message, uint8_t ret_mac[32])
{
	struct mac *mac = mac_new(key.ptr, key.len);

	(void)self;
	mac_plain(mac, message, ret_mac);
	mac_free(mac);
}

static void
host_pay_event(struct aicx_self *self, const struct aicx_pay_event *event,
    aicx_pay_event_fn *done, void *arg)
{
	const struct module_ports *ports = ports_of(self);

	ports->pay_event(
	    ports->arg, module_instance(self->module), event, done, arg);
}

static int64_t
host_catalog_version(struct aicx_self *self)
{
	const struct module_ports *ports = ports_of(self);

	return ports->catalog_version(ports->arg);
}

static const char *
host_public_url(struct aicx_self *self)
{
	const struct module_ports *ports = ports_of(self);

	return ports->public_url != NULL ? ports->public_url(ports->arg) : NULL;
}

static void
host_sign_jws(struct aicx_self *self, struct aicx_str header,
    struct aicx_str payload, uint8_t ret_signature[64])
{
	const struct module_ports *ports = ports_of(self);

	ports->sign_jws(ports->arg, header, payload, ret_signature);
}

static int
host_verify_jws(struct aicx_self *self, struct aicx_str alg,
    struct aicx_str key, struct aicx_str text, struct aicx_str signature)
{
	(void)self;
	if (str_is(alg, "EdDSA") && key.len == KEY_BYTES)
		return ed25519_verify(
		    (const uint8_t *)key.ptr, text, signature);
	return str_is(alg, "ES256") && es256_verify(key, text, signature);
}

static const char *
host_operator_auth(struct aicx_self *self)
{
	const struct module_ports *ports = ports_of(self);

	return ports->operator_auth(ports->arg);
}

static const struct aicx_host table = {
	.size = sizeof table,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor = AICX_ABI_MINOR,
	.log = host_log,
	.count = host_count,
	.now_ms = host_now_ms,
	.wall_ms = host_wall_ms,
	.random = host_random,
	.currency_scale = host_currency_scale,
	.post = host_post,
	.work = host_work,
	.timer_new = host_timer_new,
	.timer_set = loop_timer_set,
	.timer_free = loop_timer_free,
	.watch_fd = host_watch_fd,
	.watch_set = loop_watch_set,
	.watch_free = loop_watch_free,
	.listen = host_listen,
	.listener_address = host_listener_address,
	.listener_close = loop_listener_close,
	.stream_connect = host_stream_connect,
	.stream_attach = loop_stream_attach,
	.stream_write = loop_stream_write,
	.stream_queued = host_stream_queued,
	.stream_pause = host_stream_pause,
	.stream_shutdown = loop_stream_shutdown,
	.stream_close = loop_stream_close,
	.peer_new = host_peer_new,
	.serve = exchange_serve,
	.serve_cancel = exchange_cancel,
	.respond = exchange_respond,
	.methods = host_methods,
	.call = host_call,
	.put = host_put,
	.get = host_get,
	.http_request = host_http_request,
	.http_cancel = loop_fetch_cancel,
	.listen_path = path_listen,
	.hmac_sha256 = host_hmac_sha256,
	.pay_event = host_pay_event,
	.serve_streams = exchange_serve_streams,
	.serve_drained = exchange_drained,
	.respond_begin = exchange_begin,
	.respond_part = exchange_part,
	.respond_queued = exchange_queued,
	.respond_end = exchange_end,
	.public_url = host_public_url,
	.catalog_version = host_catalog_version,
	.sign_jws = host_sign_jws,
	.verify_jws = host_verify_jws,
	.listen_mode = host_listen_mode,
	.stream_peer = loop_stream_peer,
	.operator_auth = host_operator_auth,
	.listen_as = host_listen_as,
	.listen_check = host_listen_check,
	.address_is_open = host_address_is_open,
	.address_in = host_address_in,
	.stream_facts = host_stream_facts,
	.stream_auth = host_stream_auth,
};

/* Calls that carry no instance go straight to the broker. */
void
host_init(struct aicx_host *host, const struct module_ports *ports)
{
	*host = table;
	if (ports == NULL)
		return;
	host->deliver = ports->deliver;
	host->peer_free = ports->peer_free;
	host->call_cancel = ports->call_cancel;
	host->errand_done = ports->errand_done;
	host->errand_progress = ports->errand_progress;
	host->errand_ask = ports->errand_ask;
	host->errand_pass = ports->errand_pass;
}
