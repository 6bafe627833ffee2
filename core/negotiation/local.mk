# core/negotiation/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/negotiation/choose.c core/negotiation/choose.h \
	core/negotiation/contract.c core/negotiation/contract.h \
	core/negotiation/deal.c core/negotiation/deal.h \
	core/negotiation/intent.c core/negotiation/intent.h \
	core/negotiation/mandate.c core/negotiation/mandate.h \
	core/negotiation/offer.c core/negotiation/offer.h

check_PROGRAMS += core/negotiation/choose_test core/negotiation/contract_test \
	core/negotiation/deal_test core/negotiation/mandate_test \
	core/negotiation/offer_test
