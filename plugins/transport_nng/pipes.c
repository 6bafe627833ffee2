/* SPDX-License-Identifier: Apache-2.0 */
/* pipes.c - connections as NNG's threads see them. */
#include "pipes.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_FIRST = 64 };

void
pipes_init(struct pipes *pipes)
{
	(void)pthread_mutex_init(&pipes->mutex, NULL);
}

void
pipes_fini(struct pipes *pipes)
{
	for (size_t i = 0; i < pipes->n_arrivals; i++)
		origin_release(&pipes->origins, pipes->arrivals[i].origin);
	(void)pthread_mutex_destroy(&pipes->mutex);
	free(pipes->arrivals);
	free(pipes->departures);
}

/* "127.0.0.1:4711", "[::1]:4711", "ipc" */
static void
print_address(const nng_sockaddr *at, char *ret_text)
{
	char host[INET6_ADDRSTRLEN] = "?";

	switch (at->s_family) {
	case NNG_AF_INET:
		(void)inet_ntop(AF_INET, &at->s_in.sa_addr, host, sizeof host);
		(void)snprintf(ret_text, PIPE_ADDRESS_MAX, "%s:%u", host,
		    ntohs(at->s_in.sa_port));
		break;
	case NNG_AF_INET6:
		(void)inet_ntop(AF_INET6, at->s_in6.sa_addr, host, sizeof host);
		(void)snprintf(ret_text, PIPE_ADDRESS_MAX, "[%s]:%u", host,
		    ntohs(at->s_in6.sa_port));
		break;
	case NNG_AF_IPC:
	case NNG_AF_INPROC:
		(void)snprintf(ret_text, PIPE_ADDRESS_MAX, "unix:ipc");
		break;
	default:
		(void)snprintf(ret_text, PIPE_ADDRESS_MAX, "?:0");
		break;
	}
}

/* Each that is let in has room to be noted when it comes and when it goes. */
static bool
make_room(struct pipes *pipes)
{
	size_t cap = pipes->cap == 0 ? CAP_FIRST : 2 * pipes->cap;
	struct arrival *arrivals;
	uint32_t *departures;

	if (pipes->n < pipes->cap)
		return true;
	arrivals = realloc(pipes->arrivals, cap * sizeof *arrivals);
	if (arrivals != NULL)
		pipes->arrivals = arrivals;
	departures = realloc(pipes->departures, cap * sizeof *departures);
	if (departures != NULL)
		pipes->departures = departures;
	if (arrivals == NULL || departures == NULL)
		return false;
	pipes->cap = cap;
	return true;
}

static bool
admit(struct pipes *pipes, struct arrival *arrival)
{
	struct aicx_str address = { arrival->address,
		strlen(arrival->address) };

	arrival->local = origin_is_local(address);
	if (pipes->shut || pipes->n >= pipes->max || !make_room(pipes))
		return false;
	arrival->origin = origin_take(&pipes->origins, address,
	    arrival->local ? SIZE_MAX : pipes->max_per_address);
	if (arrival->origin == NULL)
		return false;
	pipes->n++;
	pipes->arrivals[pipes->n_arrivals++] = *arrival;
	return true;
}

/* [NNG's threads] */
static void
on_add(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	const struct pipe_hook *hook = arg;
	struct pipes *pipes = hook->pipes;
	struct arrival arrival = {
		.id = (uint32_t)nng_pipe_id(pipe),
		.kind = hook->kind,
	};
	nng_sockaddr at = { .s_family = NNG_AF_UNSPEC };
	bool admitted;

	(void)event;
	(void)nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &at);
	print_address(&at, arrival.address);
	(void)pthread_mutex_lock(&pipes->mutex);
	admitted = admit(pipes, &arrival);
	(void)pthread_mutex_unlock(&pipes->mutex);
	if (!admitted)
		(void)nng_pipe_close(pipe);
}

/* [NNG's threads] A post that fails is made up for by the sweep. */
static void
on_remove(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct pipes *pipes = ((const struct pipe_hook *)arg)->pipes;
	bool post = false;

	(void)event;
	(void)pthread_mutex_lock(&pipes->mutex);
	/* Those that were not let in may fill the list; the sweep finds who
	   is missed. */
	if (!pipes->shut && pipes->n_departures < pipes->cap) {
		pipes->departures[pipes->n_departures++] =
		    (uint32_t)nng_pipe_id(pipe);
		post = !pipes->posted;
	}
	if (post)
		pipes->posted = pipes->host->post(pipes->self, pipes->on_news,
				    pipes->arg) == AICX_OK;
	(void)pthread_mutex_unlock(&pipes->mutex);
}

int
pipes_attach(struct pipes *pipes, enum pipe_kind kind, nng_socket socket)
{
	struct pipe_hook *hook = &pipes->hooks[kind];
	int problem;

	*hook = (struct pipe_hook) { pipes, kind };
	problem = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, on_add, hook);
	return problem != 0
	    ? problem
	    : nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, on_remove, hook);
}

bool
pipes_arrival(struct pipes *pipes, struct arrival *ret_arrival)
{
	bool found;

	(void)pthread_mutex_lock(&pipes->mutex);
	found = pipes->n_arrivals > 0;
	if (found)
		*ret_arrival = pipes->arrivals[--pipes->n_arrivals];
	(void)pthread_mutex_unlock(&pipes->mutex);
	return found;
}

bool
pipes_departure(struct pipes *pipes, uint32_t *ret_id)
{
	bool found;

	(void)pthread_mutex_lock(&pipes->mutex);
	found = pipes->n_departures > 0;
	if (found)
		*ret_id = pipes->departures[--pipes->n_departures];
	(void)pthread_mutex_unlock(&pipes->mutex);
	return found;
}

void
pipes_left(struct pipes *pipes, struct origin *origin)
{
	(void)pthread_mutex_lock(&pipes->mutex);
	origin_release(&pipes->origins, origin);
	pipes->n--;
	(void)pthread_mutex_unlock(&pipes->mutex);
}

bool
pipes_told(struct pipes *pipes)
{
	bool shut;

	(void)pthread_mutex_lock(&pipes->mutex);
	pipes->posted = false;
	shut = pipes->shut;
	(void)pthread_mutex_unlock(&pipes->mutex);
	return shut;
}

bool
pipes_shut(struct pipes *pipes)
{
	bool posted;

	(void)pthread_mutex_lock(&pipes->mutex);
	pipes->shut = true;
	posted = pipes->posted;
	(void)pthread_mutex_unlock(&pipes->mutex);
	return posted;
}
