# tests/scenario/local.mk - scenes: a real broker, spoken to as agents do.
dist_check_SCRIPTS += \
	tests/scenario/scene_bad_deals.py \
	tests/scenario/scene_bad_messages.py \
	tests/scenario/scene_bearer.py \
	tests/scenario/scene_life.py \
	tests/scenario/scene_sessions.py
