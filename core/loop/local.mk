# core/loop/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += \
	core/loop/address.c \
	core/loop/answer.c core/loop/answer.h \
	core/loop/clock.c \
	core/loop/curl.c core/loop/curl.h \
	core/loop/door.c core/loop/door.h \
	core/loop/fetch.c core/loop/fetch.h \
	core/loop/guard.c core/loop/guard.h \
	core/loop/inside.h \
	core/loop/knock.c core/loop/knock.h \
	core/loop/listen.c \
	core/loop/loop.c core/loop/loop.h \
	core/loop/out.c \
	core/loop/pool.c \
	core/loop/post.c \
	core/loop/proxy.c core/loop/proxy.h \
	core/loop/random.c \
	core/loop/socket.c \
	core/loop/stream.c \
	core/loop/stream_state.h core/loop/stream_tls.c \
	core/loop/subnet.c core/loop/subnet.h \
	core/loop/thread.c \
	core/loop/timer.c \
	core/loop/tls.c core/loop/tls.h core/loop/tls_rules.c core/loop/tls_state.h \
	core/loop/watch.c
check_PROGRAMS += \
	core/loop/fetch_test \
	core/loop/guard_test \
	core/loop/listen_test \
	core/loop/loop_test \
	core/loop/pool_test \
	core/loop/proxy_test \
	core/loop/stream_test \
	core/loop/subnet_test \
	core/loop/tls_test
