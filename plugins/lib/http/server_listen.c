/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_listen.c - how an instance listens: in the clear or with TLS, behind
 * proxies or not, and which of these fit together.
 *
 * Keys and money pass here, so nothing is served in the clear where others can
 * reach it unless the operator wrote that it shall be.
 */
#include "server.h"

#include <stdio.h>
#include <string.h>

static aicx_err
refuse(struct aicx_error *reterr, const char *what, const char *value,
    const char *why)
{
	if (reterr != NULL) {
		*reterr = (struct aicx_error) { .code = AICX_EINVAL };
		(void)snprintf(reterr->text, sizeof reterr->text,
		    "%s \"%.40s\" %.160s", what, value, why);
	}
	return AICX_EINVAL;
}

/* Which of the words it is, from 0; -1: none. */
static int
word_of(const char *text, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return -1;
}

static int
clients_of(const struct settings *settings)
{
	static const char *const words[] = { "no", "optional", "required",
		NULL };

	/* transport_unix has no such option. */
	return settings->client_certificate == NULL
	    ? AICX_TLS_NOBODY
	    : word_of(settings->client_certificate, words);
}

static int
names_of(const struct settings *settings)
{
	static const char *const words[] = { "connection", "proxy", "forwarded",
		"x-forwarded-for", NULL };

	return settings->client_from == NULL
	    ? NAMES_CONNECTION
	    : word_of(settings->client_from, words);
}

static struct aicx_listen
listen_of(const struct settings *settings)
{
	return (struct aicx_listen) {
		.size = sizeof(struct aicx_listen),
		.certificate_file = settings->certificate,
		.key_file = settings->key,
		.clients = (uint32_t)clients_of(settings),
		.proxies = settings->proxies,
	};
}

static aicx_err
check_address(const struct aicx_host *host, const struct settings *settings,
    const char *address, struct aicx_error *reterr)
{
	if (settings->certificate != NULL || settings->insecure ||
	    !host->address_is_open(address))
		return AICX_OK;
	return refuse(reterr, "listen", address,
	    "is open to others: set insecure = yes to serve it in the clear, "
	    "or certificate and key (aicx certificate self), or use 127.0.0.1");
}

static aicx_err
check_words(const struct settings *settings, const char **ret_option,
    struct aicx_error *reterr)
{
	*ret_option = "client_certificate";
	if (clients_of(settings) < 0)
		return refuse(reterr, *ret_option, settings->client_certificate,
		    "is not no, optional or required");
	*ret_option = "client_from";
	if (names_of(settings) < 0)
		return refuse(reterr, *ret_option, settings->client_from,
		    "is not connection, proxy, forwarded or x-forwarded-for");
	if (names_of(settings) != NAMES_CONNECTION &&
	    *settings->proxies == '\0')
		return refuse(reterr, *ret_option, settings->client_from,
		    "needs to know whom to believe: name the proxies");
	*ret_option = "proxies";
	if (names_of(settings) == NAMES_CONNECTION &&
	    *settings->proxies != '\0')
		return refuse(reterr, *ret_option, settings->proxies,
		    "are named, but client_from does not say where they tell "
		    "of their clients");
	return AICX_OK;
}

aicx_err
server_check(const struct aicx_host *host, const void *settings,
    const char **ret_option, struct aicx_error *reterr)
{
	const struct settings *wish = settings;
	aicx_err err = check_words(wish, ret_option, reterr);

	if (err != AICX_OK)
		return err;
	const struct aicx_listen how = listen_of(wish);
	*ret_option = wish->certificate != NULL ? "certificate"
	    : wish->key != NULL                 ? "key"
	    : how.clients != AICX_TLS_NOBODY    ? "client_certificate"
						: "proxies";
	err = host->listen_check(&how, reterr);
	if (err != AICX_OK)
		return err;
	*ret_option = "listen";
	return check_address(host, wish, wish->listen, reterr);
}

static aicx_err
start_certified(
    struct server *server, const char *address, struct aicx_error *reterr)
{
	const struct settings *settings = server->settings;
	struct aicx_listen how = listen_of(settings);
	aicx_err err = check_address(server->host, settings, address, reterr);

	if (err != AICX_OK)
		return err;
	server->certified = settings->certificate != NULL;
	server->clients = how.clients;
	server->names = (enum names)names_of(settings);
	if (server->names != NAMES_PROXY)
		how.proxies = NULL; /* they speak in the requests' fields */
	return server->host->listen_as(server->self, address, &how,
	    server_on_accept, server, &server->listener, reterr);
}

aicx_err
server_start(void *state, const char *address, struct aicx_error *reterr)
{
	struct server *server = state;
	aicx_err err;

	if (address == NULL)
		address = server->settings->listen;
	server->listens_local = strncmp(address, "unix:", 5) == 0;
	if (server->mode != 0)
		err = server->host->listen_mode(server->self, address,
		    server->mode, server_on_accept, server, &server->listener,
		    reterr);
	else
		err = start_certified(server, address, reterr);
	if (err == AICX_OK)
		(void)snprintf(server->url, sizeof server->url, "%s%s",
		    server->listens_local   ? ""
			: server->certified ? "https://"
					    : "http://",
		    server_address(server));
	return err;
}

const char *
server_address(void *state)
{
	const struct server *server = state;

	return server->listener == NULL
	    ? ""
	    : server->host->listener_address(server->listener);
}

const char *
server_url(void *state)
{
	return ((const struct server *)state)->url;
}
