# core/main/local.mk - the daemon.
sbin_PROGRAMS += core/main/aicxd
core_main_aicxd_SOURCES = core/main/aicxd.c core/main/daemon.c \
	core/main/daemon.h core/main/datadir.c core/main/datadir.h \
	core/main/ballast.c core/main/ballast.h \
	core/main/master.c core/main/master.h \
	core/main/ring.c core/main/ring.h \
	core/main/secret_file.c core/main/secret_file.h \
	core/main/notify.c core/main/notify.h core/main/process.c \
	core/main/process.h
core_main_aicxd_LDADD = core/libcore.a $(CORE_LIBS)
core_main_aicxd_LDFLAGS = $(AM_LDFLAGS) -pie
dist_man_MANS += core/main/aicxd.8
