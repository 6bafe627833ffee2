#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scan_test.sh - what scanners find on a listener with TLS: only TLS 1.3, good ciphers
# and groups, nothing above low.
#
# sslscan is quick; testssl.sh takes a minute or two: make scan SCAN=long.  What is not
# installed is skipped.  A line `ok - ...` or `not ok - ...` each, and the sum.
set -euo pipefail
export LC_ALL=C
build=${AICX_BUILD:?} src=${AICX_SRC:?}
work=$(mktemp -d "${TMPDIR:-/tmp}/aicx-scan.XXXXXX")
daemon='' n_good=0 n_bad=0

finish()
{
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT

result() # STATUS WHAT
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
		n_good=$((n_good + 1))
	else
		echo "not ok - $2"
		n_bad=$((n_bad + 1))
	fi
}

start()
{
	local i
	"$build/core/cli/aicx" certificate self localhost,127.0.0.1 --save "$work/server" >/dev/null
	mkdir -p "$work/scripts"
	cp -r "$src/conf.d" "$work/conf.d"
	cp -r "$src/scripts/policy" "$work/scripts/policy"
	printf '[transport http "http"]\nlisten = 127.0.0.1:0\ncertificate = %s\nkey = %s\n' \
		"$work/server.pem" "$work/server.key" >"$work/conf.d/90-http.conf"
	"$build/core/main/aicxd" -c "$work/conf.d" -d "$work/data" --plugins "$build/.libs" \
		2>"$work/log" &
	daemon=$!
	for ((i = 0; i < 1500; i++)); do
		! grep -q '"broker.ready"' "$work/log" || break
		read -r -t 0.02 <> <(:) || true
	done
	address=$(sed -n 's/.*"broker.ready","listen":"\([0-9.:]*\)".*/\1/p' "$work/log")
	[ -n "$address" ] || { cat "$work/log"; exit 1; }
}

says() # WHAT PATTERN - a line of the scan is like that
{
	local status=0
	grep -Eq "$2" "$work/sslscan" || status=1
	result "$status" "sslscan: $1"
}

says_nothing() # WHAT PATTERN
{
	local status=0
	! grep -Eq "$2" "$work/sslscan" || status=1
	result "$status" "sslscan: $1"
}

run_sslscan()
{
	if ! command -v sslscan >/dev/null; then
		echo "skipped: sslscan is not installed (Debian package sslscan)"
		return
	fi
	timeout 60 sslscan --no-colour "$address" >"$work/sslscan" || true
	says "TLS 1.3 is spoken" '^TLSv1\.3 +enabled'
	says_nothing "nothing older is" '^(SSLv2|SSLv3|TLSv1\.[012]) +enabled'
	says "no renegotiation" 'Session renegotiation not supported'
	says_nothing "no heartbleed" "(^|[^t]) vulnerable to heartbleed"
	says "128 bits are preferred" '^Preferred +TLSv1\.3 +128 bits +TLS_AES_128_GCM_SHA256'
	says_nothing "no cipher below 128 bits" \
		'^(Preferred|Accepted) +[^ ]+ +([0-9]|[0-9][0-9]|1[01][0-9]|12[0-7]) bits'
	says_nothing "no cipher of an older protocol" '^(Preferred|Accepted) +(SSL|TLSv1\.[012])'
	says_nothing "no group that costs a server much" '^TLSv1\.3 .*ffdhe'
	says "the key has 128 bits" 'ECC Key Strength: +128'
}

run_testssl()
{
	local tool
	tool=$(command -v testssl || command -v testssl.sh || true)
	if [ "${SCAN:-short}" != long ]; then
		echo "skipped: testssl.sh takes minutes: make scan SCAN=long"
		return
	fi
	if [ -z "$tool" ]; then
		echo "skipped: testssl.sh is not installed (Debian package testssl.sh)"
		return
	fi
	# A chain of trust is for an operator to have: here the certificate is its own.
	timeout 900 "$tool" --quiet --color 0 --warnings off --nodns none \
		--csvfile "$work/testssl.csv" "$address" >"$work/testssl" 2>&1 || true
	[ -s "$work/testssl.csv" ] || { cat "$work/testssl"; result 1 "testssl.sh has run"; return; }
	grep -E '"(MEDIUM|HIGH|CRITICAL)"' "$work/testssl.csv" |
		grep -Ev '^"(cert_chain_of_trust|cert_crlDistributionPoints|cert_revocation|cert_trust|overall_grade|grade_cap|HSTS|cert_expirationStatus|cert_validityPeriod|cert_extlifeSpan|DNS_CAArecord|security_headers|banner_)' \
		>"$work/found" || true
	cat "$work/found"
	[ ! -s "$work/found" ] || { result 1 "testssl.sh: nothing above low"; return; }
	result 0 "testssl.sh: nothing above low"
}

start
run_sslscan
run_testssl
echo "$n_good passed, $n_bad failed"
[ "$n_bad" = 0 ]
