/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_test.c - streams over TLS, both ends on one loop: what passes, who is let
 * in, what is read anew.
 */
#include "loop/tls.h"

#include <check.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "loop/loop.h"
#include "protocol/certificate.h"

enum { DAY_MS = 86400000, N_SERVED = 8 };

struct place;

/* One end of a connection and what it was told. */
struct end {
	struct place *place;
	struct aicx_stream *stream; /* NULL: closed */
	struct buf got;
	int n_connects, n_eofs, n_errors;
	bool echo;
};

/* A folder with keys and certificates, a listener, and who came. */
struct place {
	char dir[64];
	struct loop *loop;
	struct aicx_listener *listener;
	struct end served[N_SERVED];
	int n_served;
	struct authority *authority;
	char refused[64]; /* the last reason */
	int n_refused;
};

/* --- files ------------------------------------------------------------ */

static const char *
path_of(const struct place *place, const char *name)
{
	static char paths[4][128];
	static unsigned n;
	char *path = paths[n++ % 4];

	(void)snprintf(path, sizeof paths[0], "%s/%s", place->dir, name);
	return path;
}

static void
write_file(const struct place *place, const char *name, struct aicx_str text,
    unsigned mode)
{
	const char *path = path_of(place, name);
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text.ptr, text.len), (ssize_t)text.len);
	(void)fchmod(fd, mode);
	(void)close(fd);
}

static int64_t
now_ms(void)
{
	return (int64_t)time(NULL) * 1000;
}

/* NAME.pem and NAME.key, for that host, valid between those days from now. */
static void
make_server(const struct place *place, const char *name, const char *host,
    int from_days, int until_days)
{
	struct buf key = { 0 }, pem = { 0 };
	char file[64];

	certificate_key_new(&key);
	ck_assert_int_eq(
	    certificate_self(buf_view(&key), host,
		now_ms() + from_days * (int64_t)DAY_MS,
		now_ms() + until_days * (int64_t)DAY_MS, &pem, NULL),
	    AICX_OK);
	(void)snprintf(file, sizeof file, "%s.key", name);
	write_file(place, file, buf_view(&key), 0600);
	(void)snprintf(file, sizeof file, "%s.pem", name);
	write_file(place, file, buf_view(&pem), 0644);
	buf_fini(&key);
	buf_fini(&pem);
}

/* An agent's, issued by that authority. */
static void
make_agent(const struct place *place, const struct authority *authority,
    const char *name, int from_days, int until_days)
{
	const struct certificate_wish wish = {
		.serial = { { 1, 2 } },
		.agent_id = { { 3, 4 } },
		.from_ms = now_ms() + from_days * (int64_t)DAY_MS,
		.until_ms = now_ms() + until_days * (int64_t)DAY_MS,
	};
	struct buf key = { 0 }, request = { 0 }, der = { 0 }, pem = { 0 };
	char file[64];

	certificate_key_new(&key);
	ck_assert_int_eq(
	    certificate_request(buf_view(&key), &request, NULL), AICX_OK);
	ck_assert_int_eq(
	    authority_issue(authority, buf_view(&request), &wish, &der, NULL),
	    AICX_OK);
	certificate_put_pem(&pem, buf_view(&der));
	(void)snprintf(file, sizeof file, "%s.key", name);
	write_file(place, file, buf_view(&key), 0600);
	(void)snprintf(file, sizeof file, "%s.pem", name);
	write_file(place, file, buf_view(&pem), 0644);
	buf_fini(&key);
	buf_fini(&request);
	buf_fini(&der);
	buf_fini(&pem);
}

/* --- ends ------------------------------------------------------------- */

static void
on_data(struct aicx_str bytes, void *arg)
{
	struct end *end = arg;

	buf_str(&end->got, bytes);
	if (end->echo)
		ck_assert_int_eq(
		    loop_stream_write(end->stream, bytes), AICX_OK);
}

static void
on_end(enum aicx_stream_end why, void *arg)
{
	struct end *end = arg;

	if (why == AICX_STREAM_EOF)
		end->n_eofs++;
	else
		end->n_errors++;
}

static void
on_connect(void *arg)
{
	((struct end *)arg)->n_connects++;
}

static const struct aicx_stream_ops end_ops = {
	.size = sizeof end_ops,
	.on_data = on_data,
	.on_end = on_end,
	.on_connect = on_connect,
};

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct place *place = arg;
	struct end *end = &place->served[place->n_served++];

	(void)address;
	ck_assert_int_le(place->n_served, N_SERVED);
	end->stream = stream;
	end->place = place;
	end->echo = true;
	loop_stream_attach(stream, &end_ops, end);
}

static void
on_refused(const char *address, const char *reason, void *arg)
{
	struct place *place = arg;

	ck_assert(str_starts(str_of(address), "127.0.0.1:"));
	(void)snprintf(place->refused, sizeof place->refused, "%s", reason);
	place->n_refused++;
}

static void
end_fini(struct end *end)
{
	loop_stream_close(end->stream);
	end->stream = NULL;
	buf_fini(&end->got);
}

static struct place
place_open(int n_workers)
{
	static const uint8_t seed[KEY_BYTES] = { 1 };
	static const struct aicx_id broker_id = { { 1 } };
	struct place place = { .dir = "/tmp/aicx-tls-XXXXXX" };

	ck_assert_ptr_nonnull(mkdtemp(place.dir));
	place.loop = loop_new(n_workers);
	place.authority = authority_new(seed, &broker_id);
	make_server(&place, "server", "localhost, 127.0.0.1", -1, 1);
	return place;
}

static void
place_listen(struct place *place, enum aicx_tls_clients clients)
{
	const struct tls_server server = {
		.certificate_file = path_of(place, "server.pem"),
		.key_file = path_of(place, "server.key"),
		.clients = clients,
		.client_ca = authority_der(place->authority),
	};
	const struct loop_listen how = { .tls = &server };
	struct aicx_error error = { 0 };

	loop_on_refused(place->loop, on_refused, place);
	ck_assert_msg(
	    loop_listen_as(place->loop, "127.0.0.1:0", &how, on_accept, place,
		&place->listener, &error) == AICX_OK,
	    "%s", error.text);
}

static void
place_close(struct place *place)
{
	char command[128];

	for (int i = 0; i < N_SERVED; i++)
		end_fini(&place->served[i]);
	loop_listener_close(place->listener);
	loop_free(place->loop);
	authority_free(place->authority);
	(void)snprintf(command, sizeof command, "rm -rf %s", place->dir);
	ck_assert_int_eq(system(command), 0);
}

/* agent: whose certificate is shown; NULL: nobody's. */
static void
dial_as(struct place *place, struct end *end, const char *ca, const char *agent,
    const char *name)
{
	char pem[64], key[64];
	struct tls_client client = { .ca_file = path_of(place, ca) };
	struct tls_rules *rules;
	struct aicx_error error = { 0 };

	if (agent != NULL) {
		(void)snprintf(pem, sizeof pem, "%s.pem", agent);
		(void)snprintf(key, sizeof key, "%s.key", agent);
		client.certificate_file = path_of(place, pem);
		client.key_file = path_of(place, key);
	}
	ck_assert_msg(tls_client_rules(&client, &rules, &error) == AICX_OK,
	    "%s", error.text);
	end->place = place;
	ck_assert_int_eq(loop_stream_connect_tls(place->loop,
			     loop_listener_address(place->listener), rules,
			     name, &end_ops, end, &end->stream, &error),
	    AICX_OK);
	tls_rules_free(rules);
}

static void
dial(struct place *place, struct end *end)
{
	dial_as(place, end, "server.pem", NULL, "localhost");
}

#define RUN_UNTIL(place, condition)                                            \
	do {                                                                   \
		for (int turn = 0; turn < 20000 && !(condition); turn++)       \
			loop_once((place)->loop, 100);                         \
		ck_assert(condition);                                          \
	} while (0)

static void
end_write(struct end *end, const char *text)
{
	ck_assert_int_eq(loop_stream_write(end->stream, str_of(text)), AICX_OK);
}

static bool
end_got(const struct end *end, const char *text)
{
	return str_is(buf_view(&end->got), text);
}

/* --- what passes ------------------------------------------------------ */

static void
talk(int n_workers)
{
	struct place place = place_open(n_workers);
	struct end client = { 0 };
	uint8_t hash[TLS_HASH_BYTES];

	place_listen(&place, AICX_TLS_NOBODY);
	dial(&place, &client);
	end_write(&client, "hello, "); /* before the connection stands */
	RUN_UNTIL(&place, client.n_connects == 1);
	ck_assert(loop_stream_secret(client.stream));
	ck_assert(loop_stream_certificate(client.stream, hash));
	end_write(&client, "world");
	RUN_UNTIL(&place, end_got(&client, "hello, world"));
	ck_assert(loop_stream_secret(place.served[0].stream));
	ck_assert(!loop_stream_certificate(place.served[0].stream, hash));
	loop_stream_shutdown(client.stream);
	RUN_UNTIL(&place, place.served[0].n_eofs == 1);
	end_write(&place.served[0], "!");
	RUN_UNTIL(&place, end_got(&client, "hello, world!"));
	ck_assert_int_eq(client.n_errors + place.n_refused, 0);
	end_fini(&client);
	place_close(&place);
}

START_TEST(bytes_go_both_ways)
{
	talk(0);
}
END_TEST

START_TEST(bytes_go_both_ways_with_handshakes_on_the_pool)
{
	talk(2);
}
END_TEST

START_TEST(much_passes_in_order_while_the_reader_pauses)
{
	enum { MANY = 3 << 20, PART = 100003 };
	struct place place = place_open(2);
	struct end client = { 0 };
	char *bytes = malloc(MANY);
	size_t at = 0;

	for (size_t i = 0; i < MANY; i++)
		bytes[i] = (char)(i * 31 + i / 256);
	place_listen(&place, AICX_TLS_NOBODY);
	dial(&place, &client);
	for (; at < MANY; at += PART) {
		size_t n = MANY - at < PART ? MANY - at : PART;
		struct aicx_str part = { bytes + at, n };
		ck_assert_int_eq(
		    loop_stream_write(client.stream, part), AICX_OK);
	}
	for (int i = 0; client.got.len < MANY && i < 200000; i++) {
		loop_once(place.loop, 10);
		if (client.n_connects == 1)
			loop_stream_pause(client.stream, i % 3 == 0);
	}
	ck_assert_uint_eq(client.got.len, MANY);
	ck_assert_int_eq(memcmp(client.got.ptr, bytes, MANY), 0);
	free(bytes);
	end_fini(&client);
	place_close(&place);
}
END_TEST

START_TEST(who_goes_in_the_middle_of_a_handshake_takes_nothing_along)
{
	struct place place = place_open(2);
	struct end clients[4] = { { 0 } };

	place_listen(&place, AICX_TLS_NOBODY);
	for (int i = 0; i < 4; i++) {
		dial(&place, &clients[i]);
		for (int j = 0; j < i; j++)
			loop_once(place.loop, 1);
		end_fini(&clients[i]);
	}
	/* And the other way: the server goes. */
	dial(&place, &clients[0]);
	for (int i = 0; i < place.n_served; i++)
		end_fini(&place.served[i]);
	int before = place.n_served;
	RUN_UNTIL(&place, place.n_served > before);
	end_fini(&place.served[place.n_served - 1]);
	RUN_UNTIL(&place, clients[0].n_errors == 1);
	end_fini(&clients[0]);
	place_close(&place);
}
END_TEST

START_TEST(a_handshake_goes_on_however_its_owner_stirs)
{
	struct place place = place_open(2);
	struct end clients[6] = { { 0 } };

	place_listen(&place, AICX_TLS_NOBODY);
	for (int i = 0; i < 6; i++)
		dial(&place, &clients[i]);
	for (int i = 0; i < 20000 && clients[5].n_connects == 0; i++) {
		loop_once(place.loop, 1);
		for (int j = 0; j < place.n_served; j++) {
			loop_stream_pause(place.served[j].stream, false);
			loop_stream_shutdown(place.served[j].stream);
		}
	}
	/* The owner's end came after the handshake, not in its midst. */
	for (int i = 0; i < 6; i++) {
		RUN_UNTIL(&place, clients[i].n_eofs == 1);
		ck_assert_int_eq(clients[i].n_connects, 1);
		end_fini(&clients[i]);
	}
	place_close(&place);
}
END_TEST

/* --- who is let in ---------------------------------------------------- */

START_TEST(bytes_that_are_no_tls_cost_no_handshake)
{
	struct place place = place_open(0);
	struct end client = { .place = &place };
	struct aicx_error error;

	place_listen(&place, AICX_TLS_NOBODY);
	ck_assert_int_eq(loop_stream_connect(place.loop,
			     loop_listener_address(place.listener), &end_ops,
			     &client, &client.stream, &error),
	    AICX_OK);
	end_write(&client, "GET / HTTP/1.1\r\n\r\n");
	RUN_UNTIL(&place, place.n_refused == 1);
	ck_assert_str_eq(place.refused, "no_tls");
	ck_assert_int_eq(place.served[0].n_errors, 1);
	ck_assert_uint_eq(place.served[0].got.len, 0);
	end_fini(&client);
	place_close(&place);
}
END_TEST

/* The client's own view; the server hears of it by an alert at most. */
static void
client_refuses(
    struct place *place, const char *ca, const char *name, const char *reason)
{
	struct end client = { 0 };

	place->refused[0] = '\0';
	dial_as(place, &client, ca, NULL, name);
	RUN_UNTIL(place, client.n_errors == 1);
	ck_assert_str_eq(place->refused, reason);
	ck_assert_int_eq(client.n_connects, 0);
	end_fini(&client);
}

START_TEST(a_client_refuses_a_server_that_it_does_not_know)
{
	struct place place = place_open(0);

	make_server(&place, "other", "localhost", -1, 1);
	place_listen(&place, AICX_TLS_NOBODY);
	client_refuses(
	    &place, "other.pem", "localhost", "certificate_self_signed");
	client_refuses(
	    &place, "server.pem", "example.org", "certificate_of_another");
	client_refuses(
	    &place, "server.pem", "127.0.0.2", "certificate_of_another");
	place_close(&place);
}
END_TEST

static void
comes_in(struct place *place, const char *agent, bool known)
{
	struct end client = { 0 };
	uint8_t hash[TLS_HASH_BYTES];
	struct end *served = &place->served[place->n_served];

	dial_as(place, &client, "server.pem", agent, "localhost");
	end_write(&client, "x");
	RUN_UNTIL(place, end_got(&client, "x"));
	ck_assert_int_eq(loop_stream_certificate(served->stream, hash), known);
	end_fini(&client);
}

static void
stays_out(struct place *place, const char *agent, const char *reason)
{
	struct end client = { 0 };
	struct end *served = &place->served[place->n_served];
	int before = place->n_refused;

	dial_as(place, &client, "server.pem", agent, "localhost");
	end_write(&client, "x");
	/* Both ends hear of it, in any order. */
	RUN_UNTIL(place, served->n_errors == 1);
	ck_assert_int_gt(place->n_refused, before);
	ck_assert_str_eq(place->refused, reason);
	ck_assert_uint_eq(served->got.len, 0);
	end_fini(&client);
}

START_TEST(an_agent_is_known_by_its_certificate)
{
	struct place place = place_open(0);

	make_agent(&place, place.authority, "agent", -1, 1);
	place_listen(&place, AICX_TLS_ANYBODY);
	comes_in(&place, "agent", true);
	comes_in(&place, NULL, false);
	place_close(&place);
}
END_TEST

START_TEST(where_everybody_shows_one_nobody_comes_without)
{
	struct place place = place_open(0);

	make_agent(&place, place.authority, "agent", -1, 1);
	place_listen(&place, AICX_TLS_EVERYBODY);
	stays_out(&place, NULL, "certificate_missing");
	comes_in(&place, "agent", true);
	place_close(&place);
}
END_TEST

/* A certificate of the authority's own, but for a key it would not sign. */
static void
make_rsa_agent(const struct place *place)
{
	static const uint8_t seed[KEY_BYTES] = { 1 };
	uint8_t derived[KEY_BYTES];
	struct aicx_str der = authority_der(place->authority);
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *ca = d2i_X509(NULL, &at, (long)der.len);
	X509 *cert = X509_new();
	EVP_PKEY *key = EVP_RSA_gen(2048);

	hkdf((struct aicx_str) { (const char *)seed, KEY_BYTES },
	    (struct aicx_str) { "", 0 }, STR("aiconexus authority v1"), derived,
	    sizeof derived);
	EVP_PKEY *signer = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, derived, sizeof derived);
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 5);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	X509_set_issuer_name(cert, X509_get_subject_name(ca));
	ck_assert_int_gt(X509_sign(cert, signer, NULL), 0);
	FILE *file = fopen(path_of(place, "rsa.pem"), "w");
	PEM_write_X509(file, cert);
	(void)fclose(file);
	file = fopen(path_of(place, "rsa.key"), "w");
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	(void)fclose(file);
	(void)chmod(path_of(place, "rsa.key"), 0600);
	X509_free(ca);
	X509_free(cert);
	EVP_PKEY_free(key);
	EVP_PKEY_free(signer);
}

START_TEST(certificates_that_are_not_good_are_refused_by_name)
{
	static const uint8_t seed[KEY_BYTES] = { 9 };
	static const struct aicx_id id = { { 9 } };
	struct authority *stranger = authority_new(seed, &id);
	struct place place = place_open(0);

	make_agent(&place, stranger, "foreign", -1, 1);
	make_server(&place, "selfmade", "localhost", -1, 1);
	make_rsa_agent(&place);
	make_agent(&place, place.authority, "old", -2, -1);
	make_agent(&place, place.authority, "early", 1, 2);
	place_listen(&place, AICX_TLS_ANYBODY);
	stays_out(&place, "old", "certificate_expired");
	stays_out(&place, "early", "certificate_not_yet_valid");
	stays_out(&place, "foreign", "certificate_foreign");
	stays_out(&place, "selfmade", "certificate_self_signed");
	stays_out(&place, "rsa", "certificate_key_refused");
	ck_assert_int_eq(place.n_served, 5);
	authority_free(stranger);
	place_close(&place);
}
END_TEST

/* --- files ------------------------------------------------------------ */

static void
refuses_files(const struct place *place, const char *pem, const char *key,
    const char *word)
{
	const struct tls_server server = {
		.certificate_file = path_of(place, pem),
		.key_file = path_of(place, key),
	};
	struct tls_rules *rules = NULL;
	struct aicx_error error = { 0 };

	ck_assert_int_eq(
	    tls_server_rules(&server, &rules, &error), AICX_EINVAL);
	ck_assert_msg(strstr(error.text, word) != NULL, "\"%s\" in \"%s\"",
	    word, error.text);
	ck_assert_ptr_null(rules);
}

START_TEST(files_that_are_not_good_are_refused_by_name)
{
	struct place place = place_open(0);

	make_server(&place, "other", "localhost", -1, 1);
	make_server(&place, "old", "localhost", -2, -1);
	make_server(&place, "early", "localhost", 1, 2);
	write_file(&place, "empty", STR(""), 0600);
	refuses_files(&place, "none.pem", "server.key", "none.pem");
	refuses_files(&place, "server.pem", "none.key", "none.key");
	refuses_files(&place, "empty", "server.key", "no start line");
	refuses_files(&place, "server.key", "server.key", "certificate");
	refuses_files(&place, "server.pem", "empty", "key");
	refuses_files(&place, "server.pem", "other.key", "mismatch");
	refuses_files(&place, "old.pem", "old.key", "it has expired");
	refuses_files(&place, "early.pem", "early.key", "it is not valid yet");
	(void)chmod(path_of(&place, "server.key"), 0644);
	refuses_files(&place, "server.pem", "server.key", "chmod 600");
	place_close(&place);
}
END_TEST

START_TEST(files_are_read_anew_and_open_connections_stay)
{
	struct place place = place_open(0);
	struct end before = { 0 }, after = { 0 };
	struct aicx_error error = { 0 };
	uint8_t first[TLS_HASH_BYTES], second[TLS_HASH_BYTES];
	size_t n = 0;

	place_listen(&place, AICX_TLS_NOBODY);
	dial(&place, &before);
	RUN_UNTIL(&place, before.n_connects == 1);
	make_server(&place, "server", "localhost", -1, 1);
	ck_assert_int_eq(loop_tls_reload(place.loop, &n, &error), AICX_OK);
	ck_assert_uint_eq(n, 1);
	end_write(&before, "still here");
	RUN_UNTIL(&place, end_got(&before, "still here"));
	dial(&place, &after);
	end_write(&after, "new");
	RUN_UNTIL(&place, end_got(&after, "new"));
	ck_assert(loop_stream_certificate(before.stream, first));
	ck_assert(loop_stream_certificate(after.stream, second));
	ck_assert_int_ne(memcmp(first, second, sizeof first), 0);
	/* A file that is not good changes nothing. */
	write_file(&place, "server.pem", STR("nonsense"), 0644);
	ck_assert_int_eq(loop_tls_reload(place.loop, &n, &error), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "server.pem"));
	end_write(&after, "!");
	RUN_UNTIL(&place, end_got(&after, "new!"));
	end_fini(&before);
	end_fini(&after);
	place_close(&place);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tls");
	TCase *tc = tcase_create("tls");

	tcase_add_test(tc, bytes_go_both_ways);
	tcase_add_test(tc, bytes_go_both_ways_with_handshakes_on_the_pool);
	tcase_add_test(tc, much_passes_in_order_while_the_reader_pauses);
	tcase_add_test(
	    tc, who_goes_in_the_middle_of_a_handshake_takes_nothing_along);
	tcase_add_test(tc, a_handshake_goes_on_however_its_owner_stirs);
	tcase_add_test(tc, bytes_that_are_no_tls_cost_no_handshake);
	tcase_add_test(tc, a_client_refuses_a_server_that_it_does_not_know);
	tcase_add_test(tc, an_agent_is_known_by_its_certificate);
	tcase_add_test(tc, where_everybody_shows_one_nobody_comes_without);
	tcase_add_test(tc, certificates_that_are_not_good_are_refused_by_name);
	tcase_add_test(tc, files_that_are_not_good_are_refused_by_name);
	tcase_add_test(tc, files_are_read_anew_and_open_connections_stay);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
