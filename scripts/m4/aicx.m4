# aicx.m4 - the long parts of configure.ac.

# configure's clean-up runs `rm -f core *.core`, which fails on our folder of that
# name and leaves files behind: drop that argument.
AC_DEFUN([AICX_KEEP_CORE], [
rm() {
	aicx_n=@S|@#
	while test "@S|@aicx_n" -gt 0; do
		aicx_arg=@S|@1; shift; aicx_n=`expr "@S|@aicx_n" - 1`
		test "x@S|@aicx_arg" = xcore || set x "@S|@@" "@S|@aicx_arg" && test "x@S|@1" = xx && shift
	done
	command rm "@S|@@"
}
])

# Warnings and hardening; -Werror only with --enable-werror (CI).
AC_DEFUN([AICX_FLAGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])])
AC_ARG_ENABLE([sanitize], [AS_HELP_STRING([--enable-sanitize], [build with ASan and UBSan])])
WARN_CFLAGS="-Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wno-missing-field-initializers"
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
HARD_CFLAGS="-fstack-protector-strong -fvisibility=hidden"
AS_IF([test "x$enable_sanitize" = xyes],
	[HARD_CFLAGS="$HARD_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
	SAN_LDFLAGS="-fsanitize=address,undefined"],
	[HARD_CFLAGS="$HARD_CFLAGS -D_FORTIFY_SOURCE=2"])
AM_CONDITIONAL([SANITIZE], [test "x$enable_sanitize" = xyes])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([HARD_CFLAGS])
AC_SUBST([SAN_LDFLAGS])
])

# Libraries; nng, wslay, leveldb and http-parser ship no .pc file.
AC_DEFUN([AICX_LIBRARIES], [
PKG_CHECK_MODULES([CRYPTO], [libcrypto >= 3.0])
PKG_CHECK_MODULES([EVENT], [libevent_core >= 2.1 libevent_pthreads >= 2.1])
PKG_CHECK_MODULES([JANSSON], [jansson >= 2.13])
PKG_CHECK_MODULES([LUA], [lua5.4])
PKG_CHECK_MODULES([CHECK], [check >= 0.15], [], [CHECK_CFLAGS= CHECK_LIBS=])
AC_CHECK_LIB([stemmer], [sb_stemmer_new], [STEMMER_LIBS=-lstemmer], [AC_MSG_ERROR([libstemmer is missing: install libstemmer-dev])])
AC_CHECK_LIB([http_parser], [http_parser_execute], [HTTP_PARSER_LIBS=-lhttp_parser], [AC_MSG_ERROR([libhttp-parser is missing: install libhttp-parser-dev])])
AC_CHECK_LIB([wslay], [wslay_event_context_server_init], [WSLAY_LIBS=-lwslay], [AC_MSG_ERROR([libwslay is missing: install libwslay-dev])])
AC_CHECK_LIB([leveldb], [leveldb_open], [LEVELDB_LIBS=-lleveldb], [AC_MSG_ERROR([libleveldb is missing: install libleveldb-dev])])
AC_SUBST([STEMMER_LIBS])
AC_SUBST([HTTP_PARSER_LIBS])
AC_SUBST([WSLAY_LIBS])
AC_SUBST([LEVELDB_LIBS])
])

AC_DEFUN([AICX_PROGRAMS], [
AC_CHECK_PROGS([CLANG], [clang])
AC_CHECK_PROGS([PYTHON], [python3])
])
