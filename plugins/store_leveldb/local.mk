# plugins/store_leveldb/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += store_leveldb.la
store_leveldb_la_SOURCES = plugins/store_leveldb/store_leveldb.c \
	plugins/store_leveldb/backup.c plugins/store_leveldb/backup.h \
	plugins/store_leveldb/blocks.c plugins/store_leveldb/blocks.h \
	plugins/store_leveldb/crc32c.c plugins/store_leveldb/crc32c.h \
	plugins/store_leveldb/derived.c plugins/store_leveldb/derived.h \
	plugins/store_leveldb/dir_sync.c plugins/store_leveldb/dir_sync.h \
	plugins/store_leveldb/fail.c plugins/store_leveldb/fail.h \
	plugins/store_leveldb/folder.c plugins/store_leveldb/folder.h \
	plugins/store_leveldb/frame.c plugins/store_leveldb/frame.h \
	plugins/store_leveldb/index.c plugins/store_leveldb/index.h \
	plugins/store_leveldb/level.h plugins/store_leveldb/level_commit.c \
	plugins/store_leveldb/level_derived.c plugins/store_leveldb/level_open.c \
	plugins/store_leveldb/log.c plugins/store_leveldb/log.h \
	plugins/store_leveldb/migrate.c plugins/store_leveldb/migrate.h \
	plugins/store_leveldb/pairs.c plugins/store_leveldb/pairs.h \
	plugins/store_leveldb/pairs_inside.h \
	plugins/store_leveldb/pairs_open.c \
	plugins/store_leveldb/scan.c plugins/store_leveldb/scan.h \
	plugins/store_leveldb/shadow.c plugins/store_leveldb/shadow.h \
	plugins/store_leveldb/tail.c plugins/store_leveldb/tail.h \
	plugins/store_leveldb/window.c plugins/store_leveldb/window.h
store_leveldb_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
store_leveldb_la_CFLAGS = $(PLUGIN_CFLAGS)
store_leveldb_la_LDFLAGS = $(PLUGIN_LDFLAGS)
store_leveldb_la_LIBADD = libplugin.la $(LEVELDB_LIBS)
dist_man_MANS += plugins/store_leveldb/aiconexus-store_leveldb.7

# These load the plugin from .libs by hand: they test the plugin, not the loader.
check_PROGRAMS += plugins/store_leveldb/store_leveldb_test \
	plugins/store_leveldb/damage_test plugins/store_leveldb/index_test \
	plugins/store_leveldb/kill_test plugins/store_leveldb/level_derived_test \
	plugins/store_leveldb/migrate_test plugins/store_leveldb/unwritable_test
plugins_store_leveldb_store_leveldb_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_store_leveldb_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_store_leveldb_damage_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_damage_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_store_leveldb_index_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_index_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_store_leveldb_kill_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_kill_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_store_leveldb_level_derived_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_level_derived_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_store_leveldb_migrate_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_migrate_test_LDADD = $(PLUGIN_TEST_LIBS) $(LEVELDB_LIBS)
plugins_store_leveldb_unwritable_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_store_leveldb_unwritable_test_LDADD = $(PLUGIN_TEST_LIBS)
check_PROGRAMS += plugins/store_leveldb/dir_sync_test
plugins_store_leveldb_dir_sync_test_SOURCES = \
	plugins/store_leveldb/dir_sync_test.c plugins/store_leveldb/dir_sync.c \
	plugins/store_leveldb/dir_sync.h
plugins_store_leveldb_dir_sync_test_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_store_leveldb_dir_sync_test_LDADD = $(CHECK_LIBS)
check_PROGRAMS += plugins/store_leveldb/blocks_test
plugins_store_leveldb_blocks_test_SOURCES = \
	plugins/store_leveldb/blocks_test.c plugins/store_leveldb/blocks.c \
	plugins/store_leveldb/blocks.h
plugins_store_leveldb_blocks_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_store_leveldb_blocks_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
check_PROGRAMS += plugins/store_leveldb/frame_test
plugins_store_leveldb_frame_test_SOURCES = \
	plugins/store_leveldb/frame_test.c plugins/store_leveldb/frame.c \
	plugins/store_leveldb/frame.h plugins/store_leveldb/crc32c.c \
	plugins/store_leveldb/crc32c.h
plugins_store_leveldb_frame_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_store_leveldb_frame_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
