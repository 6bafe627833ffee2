# abi/local.mk - what outsiders compile against.
aiconexusincludedir = $(includedir)/aiconexus
dist_aiconexusinclude_DATA = \
	abi/include/aiconexus/gateway.h abi/include/aiconexus/hook.h \
	abi/include/aiconexus/host.h abi/include/aiconexus/msg.h \
	abi/include/aiconexus/option.h abi/include/aiconexus/payment.h \
	abi/include/aiconexus/plugin.h abi/include/aiconexus/pricing.h \
	abi/include/aiconexus/store.h abi/include/aiconexus/transport.h \
	abi/include/aiconexus/types.h abi/include/aiconexus/version.h

# The protocol: words by hand, tables from the broker (tests/methods_dump.c).
dist_man_MANS += abi/aiconexus-protocol.7
wiredir = $(docdir)/wire
dist_wire_DATA = abi/wire/README.md abi/wire/methods.json abi/wire/openapi.json \
	abi/wire/permissions.md abi/wire/protocol.md \
	abi/wire/verification.md
