/* SPDX-License-Identifier: Apache-2.0 */
/* process.c - memory, CPU and descriptors for the metrics. */
#include "main/process.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* The second number of statm: pages in memory. */
static int64_t
resident_bytes(void)
{
	char text[128], *end;
	FILE *file = fopen("/proc/self/statm", "re");
	long long pages = 0;

	if (file == NULL)
		return 0;
	if (fgets(text, sizeof text, file) != NULL) {
		(void)strtoll(text, &end, 10);
		pages = strtoll(end, NULL, 10);
	}
	(void)fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

int64_t
process_memory(int64_t max)
{
	int64_t used = resident_bytes();

	/* What was freed may still be with us. */
	if (used > max && malloc_trim(0) == 1)
		used = resident_bytes();
	return used;
}

static int64_t
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int64_t n = -3; /* ".", ".." and the folder itself */

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

void
process_measure(struct metrics *metrics, int64_t started_wall_ms)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		metrics_set(metrics, METRIC_PROCESS_CPU,
		    (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
			    1000000LL +
			usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	metrics_set(metrics, METRIC_PROCESS_START, started_wall_ms);
	metrics_set(metrics, METRIC_PROCESS_MEMORY, resident_bytes());
	metrics_set(metrics, METRIC_PROCESS_FDS, open_descriptors());
}
