# core/main/local.mk - the daemon.
sbin_PROGRAMS += core/main/aicxd
core_main_aicxd_SOURCES = core/main/aicxd.c core/main/daemon.c \
	core/main/daemon.h core/main/datadir.c core/main/datadir.h \
	core/main/ballast.c core/main/ballast.h \
	core/main/master.c core/main/master.h \
	core/main/ring.c core/main/ring.h \
	core/main/secret_file.c core/main/secret_file.h \
	core/main/notify.c core/main/notify.h \
	core/main/privilege.c core/main/privilege.h core/main/process.c \
	core/main/process.h
core_main_aicxd_LDADD = core/libcore.a $(CORE_LIBS)
core_main_aicxd_LDFLAGS = $(AM_LDFLAGS) -pie
dist_man_MANS += core/main/aicxd.8

# The unit of systemd, with the folders of this build.
unitdir = $(prefix)/lib/systemd/system
nodist_unit_DATA = core/main/aicxd.service
EXTRA_DIST += core/main/aicxd.service.in
CLEANFILES += core/main/aicxd.service
core/main/aicxd.service: core/main/aicxd.service.in Makefile
	$(AM_V_GEN)mkdir -p $(@D) && sed -e 's|[@]sbindir[@]|$(sbindir)|' -e 's|[@]confdir[@]|$(confdir)|' \
		-e 's|[@]plugindir[@]|$(plugindir)|' $(srcdir)/core/main/aicxd.service.in >$@
