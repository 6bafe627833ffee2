# tests/scenario/local.mk - scenes: a real broker, spoken to as agents do.
dist_check_SCRIPTS += \
	tests/scenario/scene_bad_deals.py \
	tests/scenario/scene_bad_messages.py \
	tests/scenario/scene_bearer.py \
	tests/scenario/scene_kill.py \
	tests/scenario/scene_life.py \
	tests/scenario/scene_rest.py \
	tests/scenario/scene_sessions.py

# A scene's tool, not a test: it makes a data folder of another time.
noinst_PROGRAMS = tests/lib/store_put
tests_lib_store_put_SOURCES = tests/lib/store_put.c
tests_lib_store_put_LDADD = $(LEVELDB_LIBS)
