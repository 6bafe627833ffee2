# core/protocol/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/protocol/http_signature.c \
	core/protocol/http_signature.h \
	core/protocol/api_key.c \
	core/protocol/authority.c \
	core/protocol/certificate.c core/protocol/certificate.h \
	core/protocol/certificate_state.h \
	core/protocol/checkpoint.c core/protocol/checkpoint.h \
	core/protocol/crypto.c core/protocol/crypto.h \
	core/protocol/crypto_tag.h \
	core/protocol/envelope.c core/protocol/envelope.h \
	core/protocol/envelope_print.c core/protocol/envelope_scan.c \
	core/protocol/envelope_tail.h \
	core/protocol/es256.c \
	core/protocol/field.c core/protocol/field.h \
	core/protocol/field_limits.h \
	core/protocol/field_copy.c core/protocol/field_print.c core/protocol/field_read.h \
	core/protocol/field_schema.c core/protocol/field_take.c \
	core/protocol/hash.c \
	core/protocol/identity.c core/protocol/identity.h \
	core/protocol/mac.c \
	core/protocol/merkle.c core/protocol/merkle.h \
	core/protocol/merkle_check.c \
	core/protocol/note.c core/protocol/note.h \
	core/protocol/object.c core/protocol/object.h \
	core/protocol/pricing.c \
	core/protocol/problem.c core/protocol/problem.h \
	core/protocol/seal.c \
	core/protocol/session.c core/protocol/session.h \
	core/protocol/sign_key.c \
	core/protocol/terms.c core/protocol/terms.h \
	core/protocol/terms_tables.h \
	core/protocol/x25519.c

check_PROGRAMS += core/protocol/http_signature_test
check_PROGRAMS += \
	core/protocol/certificate_test \
	core/protocol/checkpoint_test \
	core/protocol/crypto_test \
	core/protocol/envelope_golden_test \
	core/protocol/envelope_test \
	core/protocol/field_test \
	core/protocol/identity_test \
	core/protocol/merkle_test \
	core/protocol/merkle_vectors_test \
	core/protocol/object_test \
	core/protocol/problem_test \
	core/protocol/session_test \
	core/protocol/terms_test
core_protocol_crypto_test_SOURCES = core/protocol/crypto_test.c \
	core/protocol/vectors.h
core_protocol_envelope_golden_test_SOURCES = core/protocol/envelope_golden_test.c \
	core/protocol/vectors.h
core_protocol_merkle_vectors_test_SOURCES = core/protocol/merkle_vectors_test.c \
	core/protocol/vectors.h
core_protocol_object_test_SOURCES = core/protocol/object_test.c \
	core/protocol/vectors.h
core_protocol_session_test_SOURCES = core/protocol/session_test.c \
	core/protocol/vectors.h
