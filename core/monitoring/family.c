/* SPDX-License-Identifier: Apache-2.0 */
/* family.c - every metric, once. */
#include "monitoring/family.h"

#include "base/err.h"

#define BOUNDS(list) .bounds = (list), .n_bounds = sizeof(list) / sizeof *(list)

/* Microseconds: 0.1 ms to 10 s. */
static const int64_t request_us[] = { 100, 250, 500, 1000, 2500, 5000, 10000,
	25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
	10000000 };

/* Microseconds: 50 us to 1 s. */
static const int64_t commit_us[] = { 50, 100, 250, 500, 1000, 2500, 5000, 10000,
	25000, 50000, 100000, 250000, 1000000 };

static const int64_t batch_records[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256 };

/* clang-format off */
static const struct family families[METRICS_N] = {
	[METRIC_REQUESTS] = { "aiconexus_requests", FAMILY_COUNTER, 0,
		"Messages answered, by transport, operation and outcome.",
		{ "transport", "operation", "outcome" } },
	[METRIC_REQUEST_DURATION] = { "aiconexus_request_duration_seconds",
		FAMILY_HISTOGRAM, 6,
		"Time from a message to its answer.",
		{ "operation" }, BOUNDS(request_us) },
	[METRIC_REFUSALS] = { "aiconexus_refusals", FAMILY_COUNTER, 0,
		"Messages refused, by the code of the error.", { "code" } },
	[METRIC_RELAYED] = { "aiconexus_relayed", FAMILY_COUNTER, 0,
		"Messages passed from one agent to another." },
	[METRIC_EXECUTIONS] = { "aiconexus_executions", FAMILY_COUNTER, 0,
		"Executions that entered a state.", { "state" } },
	[METRIC_CONTRACTS] = { "aiconexus_contracts", FAMILY_COUNTER, 0,
		"Contracts that entered a status.", { "status" } },
	[METRIC_DEALS] = { "aiconexus_deals", FAMILY_COUNTER, 0,
		"Deals that entered a state.", { "state" } },
	[METRIC_HOLDS_OPEN] = { "aiconexus_holds_open", FAMILY_GAUGE, 0,
		"Holds that are neither posted, void nor expired." },
	[METRIC_REGISTRY_AGENTS] = { "aiconexus_registry_agents", FAMILY_GAUGE,
		0, "Agents registered." },
	[METRIC_SESSIONS] = { "aiconexus_sessions", FAMILY_GAUGE, 0,
		"Sessions open." },
	[METRIC_OUTBOX] = { "aiconexus_outbox_messages", FAMILY_GAUGE, 0,
		"Messages kept until their addressee has acknowledged them." },
	[METRIC_RECORDS] = { "aiconexus_records", FAMILY_COUNTER, 0,
		"Records committed to the store." },
	[METRIC_COMMIT_BATCH] = { "aiconexus_commit_batch_records",
		FAMILY_HISTOGRAM, 0, "Records in one commit.",
		{ NULL }, BOUNDS(batch_records) },
	[METRIC_COMMIT_DURATION] = { "aiconexus_commit_duration_seconds",
		FAMILY_HISTOGRAM, 6, "Time of one durable commit.",
		{ NULL }, BOUNDS(commit_us) },
	[METRIC_HOOK_RUNS] = { "aiconexus_hook_runs", FAMILY_COUNTER, 0,
		"Policy hooks run, by hook and outcome.",
		{ "hook", "outcome" } },
	[METRIC_PAYMENTS] = { "aiconexus_payments", FAMILY_COUNTER, 0,
		"Answers about payments outside the ledger: done, refused or unknown.",
		{ "op", "outcome" } },
	[METRIC_PAYMENTS_PENDING] = { "aiconexus_payments_pending",
		FAMILY_GAUGE, 0,
		"Payments of which nobody knows yet what became of them." },
	[METRIC_PLUGIN_UP] = { "aiconexus_plugin_up", FAMILY_GAUGE, 0,
		"1 while a plugin instance is open and healthy.",
		{ "plugin" } },
	[METRIC_PLUGIN_EVENTS] = { "aiconexus_plugin_events", FAMILY_COUNTER, 0,
		"What plugins count themselves, by plugin and name.",
		{ "plugin", "metric" } },
	[METRIC_BUILD_INFO] = { "aiconexus_build", FAMILY_INFO, 0,
		"The version that runs.", { "version" } },
	[METRIC_PROCESS_START] = { "process_start_time_seconds", FAMILY_GAUGE,
		3, "Start of the process, since 1970 UTC." },
	[METRIC_PROCESS_CPU] = { "process_cpu_seconds", FAMILY_COUNTER, 6,
		"User and system time of the process." },
	[METRIC_PROCESS_MEMORY] = { "process_resident_memory_bytes",
		FAMILY_GAUGE, 0, "Resident memory of the process." },
	[METRIC_PROCESS_FDS] = { "process_open_fds", FAMILY_GAUGE, 0,
		"Open file descriptors of the process." },
};
/* clang-format on */

const struct family *
family_get(enum metric which)
{
	ENSURE(which < METRICS_N);
	return &families[which];
}

size_t
family_n_labels(const struct family *family)
{
	size_t n = 0;

	while (family->labels[n] != NULL)
		n++;
	return n;
}
