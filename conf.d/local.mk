# conf.d/local.mk - the configuration as it is shipped.
#
# An installed file belongs to whoever runs the broker: a file that is there is
# not written again, and only one that is as we wrote it is taken away.  aicxd makes
# its data folder itself, but not what that lies in.
CONF_FILES = conf.d/10-log.conf conf.d/20-store.conf conf.d/30-economy.conf \
	conf.d/40-broker.conf conf.d/50-policy.conf conf.d/80-gateways.conf conf.d/81-a2a.conf \
	conf.d/81-mcp.conf conf.d/82-ard.conf \
	conf.d/90-http.conf conf.d/91-unix.conf conf.d/92-nng.conf
EXTRA_DIST += $(CONF_FILES) conf.d/examples/webhook.d/30-economy.conf
CONF_AS_INSTALLED = sed 's,\.\./scripts/policy/,$(policydir)/,'

install-data-local:
	@$(MKDIR_P) "$(DESTDIR)$(confdir)" "$(DESTDIR)$(localstatedir)/lib"
	@for file in $(CONF_FILES); do \
		to="$(DESTDIR)$(confdir)/$${file##*/}"; \
		if test -e "$$to"; then echo "kept: $$to"; continue; fi; \
		$(CONF_AS_INSTALLED) "$(srcdir)/$$file" >conf.tmp && \
		$(INSTALL_DATA) conf.tmp "$$to" || exit 1; \
	done; rm -f conf.tmp

uninstall-local:
	@for file in $(CONF_FILES); do \
		to="$(DESTDIR)$(confdir)/$${file##*/}"; \
		if $(CONF_AS_INSTALLED) "$(srcdir)/$$file" | cmp -s - "$$to"; \
		then rm -f "$$to"; fi; \
	done
