/* SPDX-License-Identifier: Apache-2.0 */
/*
 * power_shim.c - preloaded into what writes a store: at the k-th event of its
 * disk the power goes.
 *
 * For each file it knows how much of it was synced, for each folder the names
 * that its last sync covered.  At the cut it makes of the folder what a disk
 * may show after a power failure: unsynced ends gone, torn, filled with zeros
 * or garbage, names that no sync of the folder covered forgotten.  It is as
 * strict as POSIX allows: the sync of a file does not cover its name.
 *
 * The page of shim.h steers it: `at` is the event, `deed` the mode, `pause_us`
 * the seed, `sticky` ignores all syncs; n_after counts what was taken away.
 * What is written within a file's size is taken for the first there: without a
 * sync it is zeros again; what is written again as it was is no change.  Other
 * files than regular ones are not modelled, nor those that are overwritten in
 * place: no store of ours does that.
 */
#include "shim.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum mode { DROP = 1, TEAR, GARBAGE, ZEROS, NAMES, MIXED };
enum { FILES_MAX = 4096, NAMES_MAX = 1024, FOLDERS_MAX = 8, CUT_STATUS = 75 };

struct file {
	ino_t ino;
	off_t synced;
	off_t from,
	    to; /* written within its size, where zeros were; not synced */
};

struct name {
	char text[64];
	ino_t ino;
};

struct folder { /* the names its last sync covered */
	char path[256];
	struct name names[NAMES_MAX];
	size_t n;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct file files[FILES_MAX];
static size_t n_files;
static struct folder folders[FOLDERS_MAX];
static size_t n_folders;
static uint64_t chance;

static uint64_t
dice(uint64_t n) /* 0 .. n-1 */
{
	chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
	return n == 0 ? 0 : (chance >> 33) % n;
}

/* --- what is synced ---------------------------------------------------- */

static struct file *
file_of(ino_t ino)
{
	for (size_t i = 0; i < n_files; i++)
		if (files[i].ino == ino)
			return &files[i];
	if (n_files == FILES_MAX)
		abort();
	files[n_files] = (struct file) { .ino = ino };
	return &files[n_files++];
}

static struct folder *
folder_of(const char *path)
{
	for (size_t i = 0; i < n_folders; i++)
		if (strcmp(folders[i].path, path) == 0)
			return &folders[i];
	if (n_folders == FOLDERS_MAX)
		abort();
	(void)snprintf(
	    folders[n_folders].path, sizeof folders[0].path, "%s", path);
	return &folders[n_folders++];
}

/* A second name outside of the folder, so that what is unlinked stays. */
static void
shadow_path(ino_t ino, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s/%llu", getenv("AICX_SHIM_SHADOW"),
	    (unsigned long long)ino);
}

static size_t
read_names(const char *path, struct name *ret)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char full[400], shadow[400];
	struct stat st;
	size_t n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)snprintf(
		    full, sizeof full, "%.255s/%.63s", path, entry->d_name);
		if (lstat(full, &st) != 0 || !S_ISREG(st.st_mode) ||
		    n == NAMES_MAX)
			continue;
		(void)snprintf(
		    ret[n].text, sizeof ret[n].text, "%.60s", entry->d_name);
		ret[n++].ino = st.st_ino;
		shadow_path(st.st_ino, shadow, sizeof shadow);
		(void)link(full, shadow);
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

static void
cover_names(const char *path)
{
	struct folder *folder = folder_of(path);

	folder->n = read_names(path, folder->names);
}

/* All there is when the process starts is on disk. */
static void
begin(const char *path)
{
	struct name *names = folder_of(path)->names;
	char full[400];
	struct stat st;

	cover_names(path);
	for (size_t i = 0; i < folder_of(path)->n; i++) {
		(void)snprintf(
		    full, sizeof full, "%.255s/%.63s", path, names[i].text);
		if (stat(full, &st) == 0)
			file_of(st.st_ino)->synced = st.st_size;
	}
}

/* --- the cut ----------------------------------------------------------- */

static void
fill_from(int fd, off_t from, off_t to, bool garbage)
{
	ssize_t (*put)(int, const void *, size_t, off_t);
	unsigned char bytes[512];

	*(void **)&put = shim_next("pwrite");
	while (from < to) {
		size_t n = (size_t)(to - from) < sizeof bytes
		    ? (size_t)(to - from)
		    : sizeof bytes;
		for (size_t i = 0; i < n; i++)
			bytes[i] = garbage ? (unsigned char)dice(256) : 0;
		if (put(fd, bytes, n, from) < 0)
			abort();
		from += (off_t)n;
	}
}

/* What the disk kept of what was written into a file's room. */
static void
cut_room(int fd, const struct file *file, enum mode mode)
{
	off_t kept =
	    file->from + (off_t)dice((uint64_t)(file->to - file->from) + 1);

	if (file->from == file->to)
		return;
	if (mode == DROP || mode == NAMES)
		kept = file->from;
	fill_from(fd, kept, file->to, mode == GARBAGE);
	shim_page()->n_after++;
}

/* What the disk kept of one file's end. */
static void
cut_file(const char *path, enum mode mode)
{
	struct stat st;
	int (*opened)(int, const char *, int, ...);

	*(void **)&opened = shim_next("openat");
	if (stat(path, &st) != 0)
		return;
	const struct file *file = file_of(st.st_ino);
	off_t synced = file->synced, size = st.st_size;
	if (size <= synced && file->from == file->to)
		return;
	if (mode == MIXED)
		mode = (enum mode)(DROP + dice(4));
	int fd = opened(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		abort();
	cut_room(fd, file, mode);
	if (size > synced) {
		off_t kept =
		    synced + (off_t)dice((uint64_t)(size - synced) + 1);
		if (mode == GARBAGE || mode == ZEROS)
			fill_from(fd, kept, size, mode == GARBAGE);
		else if (ftruncate(fd, mode == TEAR ? kept : synced) != 0)
			abort();
		shim_page()->n_after++;
	}
	(void)close(fd);
}

static ino_t
ino_of(const struct name *names, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i].text, text) == 0)
			return names[i].ino;
	return 0;
}

static void
set_name(const char *folder, const char *text, ino_t ino)
{
	int (*real_unlink)(const char *);
	char full[400], shadow[400];

	*(void **)&real_unlink = shim_next("unlink");
	(void)snprintf(full, sizeof full, "%.255s/%.63s", folder, text);
	(void)real_unlink(full);
	shadow_path(ino, shadow, sizeof shadow);
	if (ino != 0 && link(shadow, full) != 0)
		abort();
	shim_page()->n_after++;
}

/* Names that no sync covered are forgotten: all, or some. */
static void
cut_names(const struct folder *covered, enum mode mode)
{
	static struct name now[NAMES_MAX];
	size_t n = read_names(covered->path, now);

	if (mode != NAMES && mode != MIXED)
		return;
	for (size_t i = 0; i < n; i++)
		if (ino_of(covered->names, covered->n, now[i].text) !=
			now[i].ino &&
		    (mode == NAMES || dice(2)))
			set_name(covered->path, now[i].text,
			    ino_of(covered->names, covered->n, now[i].text));
	for (size_t i = 0; i < covered->n; i++)
		if (ino_of(now, n, covered->names[i].text) == 0 &&
		    (mode == NAMES || dice(2)))
			set_name(covered->path, covered->names[i].text,
			    covered->names[i].ino);
}

static void
cut(enum mode mode)
{
	static struct name names[NAMES_MAX];
	char full[400];

	for (size_t f = 0; f < n_folders; f++)
		cut_names(&folders[f], mode);
	for (size_t f = 0; f < n_folders; f++) {
		size_t n = read_names(folders[f].path, names);
		for (size_t i = 0; i < n; i++) {
			(void)snprintf(full, sizeof full, "%.255s/%.63s",
			    folders[f].path, names[i].text);
			cut_file(full, mode);
		}
	}
	shim_page()->n_fired = 1;
	_exit(CUT_STATUS);
}

/* Under the mutex.  Before the call: it does not happen any more. */
static void
event(void)
{
	struct shim_page *page = shim_page();
	static bool begun;
	static const char *const below[] = { "store", "store/derived",
		"store/index" };
	char root[PATH_MAX], store[PATH_MAX + 16];

	if (!begun && realpath(getenv("AICX_SHIM_ROOT"), root) != NULL) {
		begun = true;
		chance = page->pause_us * 2654435761u + page->n_events;
		begin(root);
		for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
			(void)snprintf(
			    store, sizeof store, "%s/%s", root, below[i]);
			if (access(store, F_OK) == 0)
				begin(store);
		}
	}
	if (++page->n_events == page->at && page->at != 0)
		cut((enum mode)page->deed);
}

static bool
fd_is_ours(int fd)
{
	char path[128];

	return shim_page() != NULL && shim_fd_is_ours(fd, path, sizeof path);
}

static bool
name_is_ours(int dir_fd, const char *name)
{
	char path[128];

	return shim_page() != NULL &&
	    shim_name_is_ours(dir_fd, name, path, sizeof path);
}

/* --- calls ------------------------------------------------------------- */

/* So much is written again as it was: no change to lose. */
static size_t
same_bytes(int fd, const char *bytes, size_t n, off_t at)
{
	int (*opened)(int, const char *, int, ...);
	char path[64], there[512];
	size_t same = 0;
	ssize_t got = 1;

	*(void **)&opened = shim_next("openat");
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int reader = opened(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	while (reader >= 0 && same < n && got > 0) {
		size_t want = n - same < sizeof there ? n - same : sizeof there;
		ssize_t i = 0;
		got = pread(reader, there, want, at + (off_t)same);
		while (i < got && there[i] == bytes[same + (size_t)i])
			i++;
		same += (size_t)i;
		got = i == got ? got : 0;
	}
	if (reader >= 0)
		(void)close(reader);
	return same;
}

/* Under the mutex, before a write. */
static void
note_room(int fd, const char *bytes, size_t n, off_t at)
{
	struct stat st;

	if ((fcntl(fd, F_GETFL) & O_APPEND) != 0 || at < 0 ||
	    fstat(fd, &st) != 0 || at >= st.st_size)
		return;
	off_t to = at + (off_t)n;
	at += (off_t)same_bytes(fd, bytes, n, at);
	if (at == to || at >= st.st_size)
		return;
	struct file *file = file_of(st.st_ino);
	if (file->from == file->to || at < file->from)
		file->from = at;
	if (to > st.st_size)
		to = st.st_size;
	if (to > file->to)
		file->to = to;
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	ssize_t (*real)(int, const void *, size_t);

	*(void **)&real = shim_next("write");
	if (!fd_is_ours(fd))
		return real(fd, bytes, n);
	(void)pthread_mutex_lock(&mutex);
	event();
	note_room(fd, bytes, n, lseek(fd, 0, SEEK_CUR));
	ssize_t done = real(fd, bytes, n);
	(void)pthread_mutex_unlock(&mutex);
	return done;
}

static ssize_t
pwrite_event(int fd, const void *bytes, size_t n, off_t at)
{
	ssize_t (*real)(int, const void *, size_t, off_t);

	*(void **)&real = shim_next("pwrite");
	if (!fd_is_ours(fd))
		return real(fd, bytes, n, at);
	(void)pthread_mutex_lock(&mutex);
	event();
	note_room(fd, bytes, n, at);
	ssize_t done = real(fd, bytes, n, at);
	(void)pthread_mutex_unlock(&mutex);
	return done;
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite_event(fd, bytes, n, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite_event(fd, bytes, n, at);
}

/* The kernel's own sync is left out: what is in its cache is what counts. */
static int
sync_event(int fd)
{
	char link[64], path[PATH_MAX];
	struct stat st;

	(void)pthread_mutex_lock(&mutex);
	event();
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n > 0 && fstat(fd, &st) == 0 && shim_page()->sticky == 0) {
		path[n] = '\0';
		if (S_ISDIR(st.st_mode))
			cover_names(path);
		else
			*file_of(st.st_ino) =
			    (struct file) { st.st_ino, st.st_size, 0, 0 };
	}
	(void)pthread_mutex_unlock(&mutex);
	return 0;
}

int
fsync(int fd)
{
	int (*real)(int);

	*(void **)&real = shim_next("fsync");
	return fd_is_ours(fd) ? sync_event(fd) : real(fd);
}

int
fdatasync(int fd)
{
	int (*real)(int);

	*(void **)&real = shim_next("fdatasync");
	return fd_is_ours(fd) ? sync_event(fd) : real(fd);
}

int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *);

	*(void **)&real = shim_next("rename");
	if (!name_is_ours(AT_FDCWD, from))
		return real(from, to);
	(void)pthread_mutex_lock(&mutex);
	event();
	int result = real(from, to);
	(void)pthread_mutex_unlock(&mutex);
	return result;
}

int
unlink(const char *name)
{
	int (*real)(const char *);

	*(void **)&real = shim_next("unlink");
	if (!name_is_ours(AT_FDCWD, name))
		return real(name);
	(void)pthread_mutex_lock(&mutex);
	event();
	int result = real(name);
	(void)pthread_mutex_unlock(&mutex);
	return result;
}

static int
open_event(int dir_fd, const char *name, int flags, mode_t mode)
{
	int (*real)(int, const char *, int, ...);
	struct stat st;

	*(void **)&real = shim_next("openat");
	if ((flags & (O_CREAT | O_TRUNC)) == 0 || !name_is_ours(dir_fd, name))
		return real(dir_fd, name, flags, mode);
	(void)pthread_mutex_lock(&mutex);
	event();
	bool is_new =
	    (flags & O_TRUNC) != 0 || fstatat(dir_fd, name, &st, 0) != 0;
	int fd = real(dir_fd, name, flags, mode);
	if (fd >= 0 && is_new && fstat(fd, &st) == 0)
		file_of(st.st_ino)->synced = 0;
	(void)pthread_mutex_unlock(&mutex);
	return fd;
}

#define OPEN(function_, dir_, ...)                                             \
	int function_(__VA_ARGS__, ...)                                        \
	{                                                                      \
		va_list args;                                                  \
		va_start(args, flags);                                         \
		mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;    \
		va_end(args);                                                  \
		return open_event(dir_, name, flags, mode);                    \
	}

OPEN(open, AT_FDCWD, const char *name, int flags)
OPEN(open64, AT_FDCWD, const char *name, int flags)
OPEN(openat, dir_fd, int dir_fd, const char *name, int flags)
OPEN(openat64, dir_fd, int dir_fd, const char *name, int flags)
