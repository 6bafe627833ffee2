# tests/verifier/local.mk - the second verifier, by other hands than aicx verify.
EXTRA_DIST += tests/verifier/aicx_verify.py tests/verifier/aicxv \
	tests/verifier/fair.py tests/verifier/paper.py
dist_check_SCRIPTS += tests/verifier/verifier_test.py tests/verifier/deals_test.py \
	tests/verifier/delegation_test.py
