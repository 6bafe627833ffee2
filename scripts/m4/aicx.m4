# aicx.m4 - the long parts of configure.ac.

# configure's clean-up runs `rm -f core *.core`, which fails on our folder of that
# name and leaves files behind: drop that argument.
AC_DEFUN([AICX_KEEP_CORE], [
rm()
{
	for aicx_arg
	do
		shift
		test "x$aicx_arg" = xcore || set -- "@S|@@" "$aicx_arg"
	done
	command rm "@S|@@"
}
])

# AICX_TRY_FLAGS(VARIABLE, FLAG ...) - appends those flags that this compiler knows.
AC_DEFUN([AICX_TRY_FLAGS], [
aicx_cflags=$CFLAGS
for aicx_flag in $2; do
	CFLAGS="$aicx_cflags -Werror $aicx_flag"
	AC_MSG_CHECKING([whether $CC takes $aicx_flag])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
		[$1="$$1 $aicx_flag"; AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])])
done
CFLAGS=$aicx_cflags
])

# Warnings and hardening; -Werror only with --enable-werror (CI).
AC_DEFUN([AICX_FLAGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])])
AC_ARG_ENABLE([sanitize], [AS_HELP_STRING([--enable-sanitize], [build with ASan and UBSan])])
WARN_CFLAGS="-Wall -Wextra -Wshadow -Wpointer-arith -Wwrite-strings -Wundef \
-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
-Wvla -Wformat=2 -Wdate-time -Werror=implicit-function-declaration -Wno-missing-field-initializers"
AICX_TRY_FLAGS([WARN_CFLAGS], [-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init -Walloca])
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
HARD_CFLAGS="-fstack-protector-strong -fvisibility=hidden"
AICX_TRY_FLAGS([HARD_CFLAGS], [-fstack-clash-protection -fcf-protection])
AS_IF([test "x$enable_sanitize" = xyes],
	[SAN_LDFLAGS="-fsanitize=address,undefined"
	HARD_CFLAGS="$HARD_CFLAGS $SAN_LDFLAGS -fno-sanitize-recover=undefined -fno-omit-frame-pointer"],
	[HARD_CFLAGS="$HARD_CFLAGS -D_FORTIFY_SOURCE=2"])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([HARD_CFLAGS])
AC_SUBST([SAN_LDFLAGS])
])

# AICX_HAVE(VARIABLE, LIBRARY, FUNCTION, PACKAGE) - for what ships no .pc file.
AC_DEFUN([AICX_HAVE], [
AC_CHECK_LIB([$2], [$3], [$1=-l$2], [AC_MSG_ERROR([lib$2 is missing: install $4])])
AC_SUBST([$1])
])

AC_DEFUN([AICX_LIBRARIES], [
PKG_CHECK_MODULES([CRYPTO], [libcrypto >= 3.0])
PKG_CHECK_MODULES([SSL], [libssl >= 3.0])
PKG_CHECK_MODULES([EVENT], [libevent_core >= 2.1 libevent_pthreads >= 2.1])
PKG_CHECK_MODULES([CURL], [libcurl >= 7.85])
PKG_CHECK_MODULES([JANSSON], [jansson >= 2.13])
PKG_CHECK_MODULES([ZLIB], [zlib])
PKG_CHECK_MODULES([LUA], [lua5.4])
PKG_CHECK_MODULES([PCRE2], [libpcre2-8 >= 10.40])
AICX_HAVE([STEMMER_LIBS], [stemmer], [sb_stemmer_new], [libstemmer-dev])
AICX_HAVE([HTTP_PARSER_LIBS], [http_parser], [http_parser_execute], [libhttp-parser-dev])
AICX_HAVE([WSLAY_LIBS], [wslay], [wslay_event_context_server_init], [libwslay-dev])
AICX_HAVE([LEVELDB_LIBS], [leveldb], [leveldb_open], [libleveldb-dev])
AC_CHECK_LIB([nng], [nng_surveyor0_open_raw], [NNG_LIBS=-lnng],
	[AC_MSG_NOTICE([libnng is missing: transport_nng will not be built])])
AC_SUBST([NNG_LIBS])
AM_CONDITIONAL([HAVE_NNG], [test -n "$NNG_LIBS"])
PKG_CHECK_MODULES([CHECK], [check >= 0.15], [], [AC_MSG_NOTICE([check is missing: make check will not build])])
])

AC_DEFUN([AICX_PROGRAMS], [
AC_CHECK_PROGS([CLANG], [clang], [clang-is-missing])
AC_CHECK_PROGS([PYTHON], [python3], [python3-is-missing])
])
