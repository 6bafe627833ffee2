/* SPDX-License-Identifier: Apache-2.0 */
/* privilege.c - becoming an ordinary user, and keeping memory to oneself. */
#include "main/privilege.h"

#include "base/err.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static aicx_err
failed(const char *what, const char *name, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EDENIED, "cannot %s \"%s\": %s", what, name,
	    strerror(errno));
}

/* A folder that is there is its owner's affair. */
static aicx_err
make_folder(
    const char *path, const struct passwd *user, struct aicx_error *reterr)
{
	if (mkdir(path, 0700) != 0)
		return errno == EEXIST
		    ? AICX_OK
		    : failed("make the data folder", path, reterr);
	if (chown(path, user->pw_uid, user->pw_gid) != 0)
		return failed("give away the data folder", path, reterr);
	return AICX_OK;
}

static aicx_err
become(const struct passwd *user, struct aicx_error *reterr)
{
	if (initgroups(user->pw_name, user->pw_gid) != 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return failed("become user", user->pw_name, reterr);
	ENSURE(user->pw_uid == 0 || setuid(0) != 0);
	return AICX_OK;
}

aicx_err
privilege_drop(
    const char *user, const char *data_dir, struct aicx_error *reterr)
{
	const struct passwd *found;
	aicx_err err;

	if (user == NULL)
		return AICX_OK;
	errno = 0;
	found = getpwnam(user);
	if (found == NULL)
		return err_set(
		    reterr, AICX_ENOTFOUND, "there is no user \"%s\"", user);
	if (geteuid() == found->pw_uid && geteuid() != 0)
		return AICX_OK;
	if (geteuid() != 0)
		return err_set(reterr, AICX_EDENIED,
		    "only root can become user \"%s\"", user);
	err = make_folder(data_dir, found, reterr);
	return err == AICX_OK ? become(found, reterr) : err;
}

void
privilege_hide_memory(void)
{
	static const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* LeakSanitizer looks at us from outside */
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}
