/* SPDX-License-Identifier: Apache-2.0 */
/* host_listen.c - listeners of plugins, in the clear and with TLS, and what is
   known of who comes in by them. */
#include "module/host_listen.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "loop/subnet.h"
#include "module/instance.h"

aicx_err
host_listen(struct aicx_self *self, const char *address,
    aicx_accept_fn *on_accept, void *arg, struct aicx_listener **ret_listener,
    struct aicx_error *reterr)
{
	return loop_listen(self->module->all->loop, address, on_accept, arg,
	    ret_listener, reterr);
}

aicx_err
host_listen_mode(struct aicx_self *self, const char *address, uint32_t mode,
    aicx_accept_fn *on_accept, void *arg, struct aicx_listener **ret_listener,
    struct aicx_error *reterr)
{
	const struct aicx_listen how = { .size = sizeof how, .mode = mode };

	if (mode == 0)
		return err_set(reterr, AICX_EINVAL,
		    "cannot listen on \"%s\": mode is not 0600, 0660 or 0666",
		    address);
	return host_listen_as(
	    self, address, &how, on_accept, arg, ret_listener, reterr);
}

static struct tls_server
server_of(const struct aicx_listen *how)
{
	return (struct tls_server) {
		.certificate_file = how->certificate_file,
		.key_file = how->key_file,
		.clients = (enum aicx_tls_clients)how->clients,
	};
}

static aicx_err
check_files(const struct aicx_listen *how, struct aicx_error *reterr)
{
	if (how->certificate_file != NULL && how->key_file == NULL)
		return err_set(reterr, AICX_EINVAL,
		    "the certificate \"%s\" lacks its key",
		    how->certificate_file);
	if (how->certificate_file == NULL && how->key_file != NULL)
		return err_set(reterr, AICX_EINVAL,
		    "the key \"%s\" lacks its certificate", how->key_file);
	if (how->certificate_file == NULL && how->clients != AICX_TLS_NOBODY)
		return err_set(reterr, AICX_EINVAL,
		    "clients show certificates over TLS only: it needs a "
		    "certificate and a key");
	if (how->clients > AICX_TLS_EVERYBODY)
		return err_set(reterr, AICX_EINVAL, "clients is unknown");
	return AICX_OK;
}

aicx_err
host_listen_as(struct aicx_self *self, const char *address,
    const struct aicx_listen *how, aicx_accept_fn *on_accept, void *arg,
    struct aicx_listener **ret_listener, struct aicx_error *reterr)
{
	const struct modules *all = self->module->all;
	struct tls_server server = server_of(how);
	const struct loop_listen wish = {
		.mode = how->mode,
		.tls = how->certificate_file != NULL ? &server : NULL,
		.proxies = how->proxies,
	};
	aicx_err err = check_files(how, reterr);

	if (err == AICX_OK && how->mode != 0 && how->mode != 0600 &&
	    how->mode != 0660 && how->mode != 0666)
		err = err_set(reterr, AICX_EINVAL,
		    "cannot listen on \"%s\": mode is not 0600, 0660 or 0666",
		    address);
	if (err != AICX_OK)
		return err;
	if (server.clients != AICX_TLS_NOBODY)
		server.client_ca = all->ports.client_ca(all->ports.arg);
	return loop_listen_as(
	    all->loop, address, &wish, on_accept, arg, ret_listener, reterr);
}

aicx_err
host_listen_check(const struct aicx_listen *how, struct aicx_error *reterr)
{
	struct tls_server server = server_of(how);
	struct tls_rules *rules = NULL;
	aicx_err err = check_files(how, reterr);

	if (err == AICX_OK)
		err = subnets_check(how->proxies, reterr);
	if (err != AICX_OK || how->certificate_file == NULL)
		return err;
	server.clients =
	    AICX_TLS_NOBODY; /* the authority is the broker's own */
	err = tls_server_rules(&server, &rules, reterr);
	tls_rules_free(rules);
	return err;
}

int
host_address_is_open(const char *address)
{
	static const char loopback[] = "127.0.0.0/8, ::1, unix";
	struct aicx_str text = str_of(address);

	return !str_starts(text, "localhost:") && !subnets_have(loopback, text);
}

int
host_address_in(const char *networks, struct aicx_str address)
{
	return subnets_have(networks, address);
}

void
host_stream_facts(
    const struct aicx_stream *stream, struct aicx_stream_facts *ret_facts)
{
	uint8_t hash[TLS_HASH_BYTES];

	ret_facts->secret = loop_stream_secret(stream);
	ret_facts->proxied = loop_stream_proxied(stream);
	ret_facts->known = loop_stream_certificate(stream, hash);
}

aicx_err
host_stream_auth(struct aicx_self *self, const struct aicx_stream *stream,
    char ret_auth[AICX_AUTH_TEXT])
{
	const struct module_ports *ports = &self->module->all->ports;
	uint8_t hash[TLS_HASH_BYTES];

	if (!loop_stream_certificate(stream, hash))
		return AICX_ESTATE;
	ports->certificate_auth(ports->arg, hash, ret_auth);
	return AICX_OK;
}
