/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.c - libcurl's multi interface, driven by the loop's watches and one
 * timer.
 *
 * Connections are not kept, but for loop_fetch_keep(): a kept one would pass
 * the guard that looked at its address on behalf of another request, and
 * libcurl sends a request once more on its own when a kept one turns out dead.
 */
#include "loop/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "loop/answer.h"
#include "loop/curl.h"
#include "loop/guard.h"
#include "loop/inside.h"

enum { CONNECTS_MAX = 64, METHOD_BYTES_MAX = 16 };

struct fetcher { /* of one loop */
	struct loop *loop;
	struct curl curl;
	CURLM *multi;
	struct aicx_timer *timer;
	struct list fetches;
	struct list fresh; /* of them, those with a part to be told */
	size_t n;
};

struct aicx_fetch {
	struct list node, fresh;
	struct fetcher *fetcher;
	CURL *easy;
	struct curl_slist *headers;
	aicx_http_done_fn *done;
	aicx_http_part_fn *part; /* or NULL */
	void *arg;
	char *host, *allow;
	struct answer answer;
	bool guarded;
	char why[CURL_ERROR_SIZE];
};

/* --- what libcurl asks of the loop --------------------------------------- */

static void fetcher_settle(struct fetcher *fetcher);

struct wire { /* one socket of libcurl's */
	struct fetcher *fetcher;
	struct aicx_watch *watch;
	curl_socket_t fd;
};

static void
on_ready(uint32_t events, void *arg)
{
	struct wire *wire = arg; /* may be freed below */
	struct fetcher *fetcher = wire->fetcher;
	int n_running, what = 0;

	if (events & AICX_READABLE)
		what |= CURL_CSELECT_IN;
	if (events & AICX_WRITABLE)
		what |= CURL_CSELECT_OUT;
	(void)fetcher->curl.multi_socket_action(
	    fetcher->multi, wire->fd, what, &n_running);
	fetcher_settle(fetcher);
}

static void
on_time(void *arg)
{
	struct fetcher *fetcher = arg;
	int n_running;

	(void)fetcher->curl.multi_socket_action(
	    fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
	fetcher_settle(fetcher);
}

static int
on_wish(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
	struct fetcher *fetcher = arg;
	struct wire *wire = sock;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (wire != NULL)
			loop_watch_free(wire->watch);
		free(wire);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= AICX_READABLE;
	if (what & CURL_POLL_OUT)
		events |= AICX_WRITABLE;
	if (wire != NULL) {
		loop_watch_set(wire->watch, events);
		return 0;
	}
	wire = MEM_NEW(struct wire);
	wire->fetcher = fetcher;
	wire->fd = fd;
	wire->watch = loop_watch_new(fetcher->loop, fd, events, on_ready, wire);
	(void)fetcher->curl.multi_assign(fetcher->multi, fd, wire);
	return wire->watch != NULL ? 0 : -1;
}

static int
on_timer_wish(CURLM *multi, long delay_ms, void *arg)
{
	struct fetcher *fetcher = arg;

	(void)multi;
	loop_timer_set(fetcher->timer, delay_ms);
	return 0;
}

/* --- the fetcher of a loop ------------------------------------------- */

static void
fetch_free(struct aicx_fetch *fetch)
{
	const struct curl *curl = &fetch->fetcher->curl;

	list_remove(&fetch->node);
	list_remove(&fetch->fresh);
	fetch->fetcher->n--;
	(void)curl->multi_remove_handle(fetch->fetcher->multi, fetch->easy);
	curl->easy_cleanup(fetch->easy);
	curl->slist_free_all(fetch->headers);
	answer_fini(&fetch->answer);
	free(fetch->host);
	free(fetch->allow);
	free(fetch);
}

static void
fetcher_free(struct fetcher *fetcher)
{
	LIST_EACH (node, &fetcher->fetches)
		fetch_free(LIST_ITEM(node, struct aicx_fetch, node));
	(void)fetcher->curl.multi_cleanup(fetcher->multi);
	loop_timer_free(fetcher->timer);
	fetcher->curl.global_cleanup();
	free(fetcher);
}

/* Opens libcurl: this once it costs the loop some 10 ms. */
static aicx_err
fetcher_need(
    struct loop *loop, struct fetcher **ret_fetcher, struct aicx_error *reterr)
{
	struct curl curl;
	aicx_err err = AICX_OK;

	*ret_fetcher = loop->fetcher;
	if (loop->fetcher == NULL)
		err = curl_open(CURL_LIBRARY, &curl, reterr);
	if (loop->fetcher != NULL || err != AICX_OK)
		return err;
	ENSURE(curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	struct fetcher *fetcher = MEM_NEW(struct fetcher);
	fetcher->loop = loop;
	fetcher->curl = curl;
	fetcher->multi = curl.multi_init();
	ENSURE(fetcher->multi != NULL);
	fetcher->timer = loop_timer_new(loop, on_time, fetcher);
	list_init(&fetcher->fetches);
	list_init(&fetcher->fresh);
	(void)curl.multi_setopt(
	    fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_wish);
	(void)curl.multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
	(void)curl.multi_setopt(
	    fetcher->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	(void)curl.multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
	(void)curl.multi_setopt(fetcher->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
	    loop->fetch_keeps ? (long)FETCHES_MAX : (long)CONNECTS_MAX);
	if (loop->fetch_keeps)
		(void)curl.multi_setopt(
		    fetcher->multi, CURLMOPT_MAXCONNECTS, (long)FETCHES_MAX);
	loop->fetcher = fetcher;
	loop->fetcher_free = fetcher_free;
	*ret_fetcher = fetcher;
	return AICX_OK;
}

/* --- an answer ------------------------------------------------------- */

static aicx_err
failure(const struct aicx_fetch *fetch, CURLcode code)
{
	if (fetch->answer.too_large)
		return AICX_ELIMIT;
	if (fetch->guarded)
		return AICX_EDENIED;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return AICX_ETIMEDOUT;
	if (code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CONNECT_ERROR)
		return AICX_EDENIED;
	return AICX_EIO;
}

/* Status, type and fields; views into the fetch. */
static struct aicx_http_outcome
head_of(struct aicx_fetch *fetch)
{
	struct aicx_http_outcome head = { .size = sizeof head };
	const struct curl *curl = &fetch->fetcher->curl;
	const char *type = NULL;
	long status = 0;

	(void)curl->easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl->easy_getinfo(fetch->easy, CURLINFO_CONTENT_TYPE, &type);
	head.status = (uint16_t)status;
	head.content_type = str_of(type);
	head.headers = answer_headers(&fetch->answer, &head.n_headers);
	return head;
}

/* The part may cancel the fetch. */
static void
tell(struct aicx_fetch *fetch)
{
	struct aicx_http_outcome head = head_of(fetch);
	AUTO(buf_fini) struct buf bytes = fetch->answer.body;

	fetch->answer.body = (struct buf) { 0 };
	list_remove(&fetch->fresh);
	list_init(&fetch->fresh);
	fetch->part(&head, buf_view(&bytes), fetch->arg);
}

static void
finish(struct aicx_fetch *fetch, CURLcode code)
{
	struct aicx_http_outcome outcome = { .size = sizeof outcome };
	const struct curl *curl = &fetch->fetcher->curl;
	const char *why = fetch->why;

	if (code == CURLE_OK) {
		outcome = head_of(fetch);
		outcome.body = buf_view(&fetch->answer.body);
	} else {
		if (fetch->answer.too_large)
			why = "answer is too large";
		else if (fetch->guarded)
			why = "address is not public, and not allowed";
		else if (why[0] == '\0')
			why = curl->easy_strerror(code);
		outcome.err = err_set(&outcome.error, failure(fetch, code),
		    "cannot ask \"%s\": %s", fetch->host, why);
	}
	/* Out of libcurl's hands first: done may ask and cancel. */
	(void)curl->multi_remove_handle(fetch->fetcher->multi, fetch->easy);
	list_remove(&fetch->node);
	list_init(&fetch->node);
	fetch->done(&outcome, fetch->arg);
	fetch_free(fetch);
}

static void
fetcher_settle(struct fetcher *fetcher)
{
	CURLMsg *message;
	int n_left;

	/* Parts first, and not from inside libcurl's hands. */
	while (!list_empty(&fetcher->fresh))
		tell(LIST_ITEM(fetcher->fresh.next, struct aicx_fetch, fresh));
	while ((message = fetcher->curl.multi_info_read(
		    fetcher->multi, &n_left)) != NULL) {
		void *fetch = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)fetcher->curl.easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &fetch);
		finish(fetch, code);
	}
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct aicx_fetch *fetch = arg;
	struct aicx_str run = { bytes, n * size };

	if (!answer_take_body(&fetch->answer, run))
		return 0;
	if (fetch->part != NULL && list_empty(&fetch->fresh) && run.len > 0)
		list_push(&fetch->fetcher->fresh, &fetch->fresh);
	return run.len;
}

static size_t
on_head(char *bytes, size_t size, size_t n, void *arg)
{
	struct aicx_fetch *fetch = arg;
	struct aicx_str line = { bytes, n * size };

	return answer_take_line(&fetch->answer, line) ? line.len : 0;
}

static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct aicx_fetch *fetch = arg;

	(void)purpose;
	if (!guard_is_public(&address->addr) &&
	    !guard_is_allowed(
		str_of(fetch->allow), str_of(fetch->host), &address->addr)) {
		fetch->guarded = true;
		return CURL_SOCKET_BAD;
	}
	fetch->guarded = false; /* another address of the name will do */
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* --- asking ---------------------------------------------------------- */

static bool
is_token(struct aicx_str text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z');
		if (!word && (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return text.len > 0;
}

static bool
is_value(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
			return false;
	return true;
}

/* The host of the URL, as libcurl will read it; NULL: none that we ask. */
static char *
host_of(const struct curl *curl, const char *url)
{
	CURLU *parts = curl->url();
	char *scheme = NULL, *host = NULL, *own = NULL;

	ENSURE(parts != NULL);
	if (curl->url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl->url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
	    curl->url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		own = mem_strdup(host);
	curl->free(scheme);
	curl->free(host);
	curl->url_cleanup(parts);
	return own;
}

static aicx_err
check(const struct aicx_http_ask *ask, struct aicx_error *reterr)
{
	if (!is_token(ask->method) || ask->method.len > METHOD_BYTES_MAX)
		return err_set(reterr, AICX_EINVAL, "method is no token");
	if (ask->timeout_ms <= 0 || ask->timeout_ms > INT32_MAX)
		return err_set(
		    reterr, AICX_EINVAL, "timeout is zero or too long");
	if (ask->body_max < 0 || ask->body_max > FETCH_BODY_MAX)
		return err_set(reterr, AICX_EINVAL,
		    "answers are at most %d bytes", FETCH_BODY_MAX);
	if (ask->n_headers > FETCH_HEADERS_MAX)
		return err_set(reterr, AICX_EINVAL,
		    "more than %d header fields", FETCH_HEADERS_MAX);
	for (size_t i = 0; i < ask->n_headers; i++)
		if (!is_token(ask->headers[i].name) ||
		    !is_value(ask->headers[i].value))
			return err_set(reterr, AICX_EINVAL,
			    "header field %zu is malformed", i + 1);
	return AICX_OK;
}

static void
add_headers(struct aicx_fetch *fetch, const struct aicx_http_ask *ask)
{
	const struct curl *curl = &fetch->fetcher->curl;
	AUTO(buf_fini) struct buf line = { 0 };

	for (size_t i = 0; i < ask->n_headers; i++) {
		const struct aicx_header *header = &ask->headers[i];
		buf_clear(&line);
		/* "Name;" is how libcurl is told an empty value. */
		buf_printf(&line, "%.*s%s%.*s", STR_ARG(header->name),
		    header->value.len > 0 ? ": " : ";", STR_ARG(header->value));
		fetch->headers =
		    curl->slist_append(fetch->headers, buf_cstr(&line));
	}
	fetch->headers = curl->slist_append(fetch->headers, "Expect:");
	(void)curl->easy_setopt(
	    fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
}

static void
set_method(const struct aicx_fetch *fetch, const struct aicx_http_ask *ask)
{
	const struct curl *curl = &fetch->fetcher->curl;
	CURL *easy = fetch->easy;
	char method[METHOD_BYTES_MAX + 1];

	(void)str_copy(ask->method, method, sizeof method);
	if (str_is(ask->method, "HEAD"))
		(void)curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (ask->body.ptr != NULL) {
		(void)curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)ask->body.len);
		(void)curl->easy_setopt(
		    easy, CURLOPT_COPYPOSTFIELDS, ask->body.ptr);
	}
	(void)curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void
set_rules(struct aicx_fetch *fetch, const struct aicx_http_ask *ask)
{
	const struct curl *curl = &fetch->fetcher->curl;
	CURL *easy = fetch->easy;

	(void)curl->easy_setopt(easy, CURLOPT_PRIVATE, fetch);
	(void)curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->why);
	(void)curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl->easy_setopt(easy, CURLOPT_PROXY, "");
	if (!fetch->fetcher->loop->fetch_keeps) {
		(void)curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		(void)curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	(void)curl->easy_setopt(
	    easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl->easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	(void)curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	(void)curl->easy_setopt(
	    easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl->easy_setopt(
	    easy, CURLOPT_TIMEOUT_MS, (long)ask->timeout_ms);
	(void)curl->easy_setopt(
	    easy, CURLOPT_USERAGENT, "aiconexus/" AICX_VERSION);
	(void)curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl->easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	(void)curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	(void)curl->easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
	(void)curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	(void)curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
}

static struct aicx_fetch *
fetch_new(struct fetcher *fetcher, const struct aicx_http_ask *ask)
{
	struct aicx_fetch *fetch = MEM_NEW(struct aicx_fetch);

	fetch->fetcher = fetcher;
	list_push(&fetcher->fetches, &fetch->node);
	list_init(&fetch->fresh);
	fetcher->n++;
	fetch->easy = fetcher->curl.easy_init();
	ENSURE(fetch->easy != NULL);
	fetch->answer.body_max = (size_t)ask->body_max;
	fetch->part = ask->part;
	fetch->allow = mem_new(ask->allow.len + 1);
	if (ask->allow.len > 0)
		memcpy(fetch->allow, ask->allow.ptr, ask->allow.len);
	return fetch;
}

aicx_err
loop_fetch(struct loop *loop, const struct aicx_http_ask *ask,
    aicx_http_done_fn *done, void *arg, struct aicx_fetch **ret_fetch,
    struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf url = { 0 }, ca_file = { 0 };
	aicx_err err = check(ask, reterr);
	struct fetcher *fetcher;
	char *host;

	if (err == AICX_OK)
		err = fetcher_need(loop, &fetcher, reterr);
	if (err != AICX_OK)
		return err;
	if (fetcher->n >= FETCHES_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "more than %d requests are under way", FETCHES_MAX);
	buf_str(&url, ask->url);
	host = host_of(&fetcher->curl, buf_cstr(&url));
	if (host == NULL || strlen(buf_cstr(&url)) != ask->url.len) {
		free(host);
		return err_set(reterr, AICX_EINVAL,
		    "\"%.100s\" is no http or https URL", buf_cstr(&url));
	}
	struct aicx_fetch *fetch = fetch_new(fetcher, ask);
	fetch->host = host;
	fetch->done = done;
	fetch->arg = arg;
	set_rules(fetch, ask);
	set_method(fetch, ask);
	add_headers(fetch, ask);
	(void)fetcher->curl.easy_setopt(
	    fetch->easy, CURLOPT_URL, buf_cstr(&url));
	if (ask->ca_file.len > 0) {
		buf_str(&ca_file, ask->ca_file);
		(void)fetcher->curl.easy_setopt(
		    fetch->easy, CURLOPT_CAINFO, buf_cstr(&ca_file));
	}
	*ret_fetch = fetch;
	(void)fetcher->curl.multi_add_handle(fetcher->multi, fetch->easy);
	return AICX_OK;
}

void
loop_fetch_keep(struct loop *loop)
{
	loop->fetch_keeps = true;
}

void
loop_fetch_cancel(struct aicx_fetch *fetch)
{
	if (fetch != NULL)
		fetch_free(fetch);
}
