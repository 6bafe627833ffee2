#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hardening_test.sh - how the programs were built, what systemd gives them, and what
# the running daemon gives away.
set -u
aicxd=$AICX_BUILD/core/main/aicxd
dir=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null; rm -rf "$dir"' EXIT
failed=0

is() # STATUS 0 or 1, NAME; prints the line
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
	fi
}

sanitized()
{
	grep -q '^SAN_LDFLAGS = .*sanitize' "$AICX_BUILD/Makefile"
}

# --- what the linker made

hardened() # FILE: stack, relocations
{
	readelf -lW "$1" | grep 'GNU_STACK' | grep -qv 'E ' &&
		readelf -lW "$1" | grep -q 'GNU_RELRO' &&
		readelf -dW "$1" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' &&
		! readelf -dW "$1" | grep -qE 'TEXTREL|RPATH|RUNPATH'
}

real() # PROGRAM: itself, not libtool's script around it
{
	[ ! -e "${1%/*}/.libs/${1##*/}" ] || set -- "${1%/*}/.libs/${1##*/}"
	echo "$1"
}

if ! command -v readelf >/dev/null; then
	echo "skipped: no readelf here"
else
	for program in "$aicxd" "$AICX_BUILD/core/cli/aicx"; do
		file=$(real "$program")
		readelf -hW "$file" | grep -q 'Type:.*DYN' && readelf -dW "$file" | grep -q 'PIE'
		is $? "${program##*/} is position independent"
	done
	for file in "$(real "$aicxd")" "$(real "$AICX_BUILD/core/cli/aicx")" "$AICX_BUILD"/.libs/*.so; do
		case $file in *_shim.so) continue ;; esac # of the tests
		hardened "$file"
		is $? "${file##*/}: full RELRO, no executable stack, no text relocations, no run path"
		sanitized && continue
		nm -D "$file" | grep -q '__stack_chk_fail'
		is $? "${file##*/}: stacks are guarded"
	done
	if sanitized; then
		echo "skipped: sanitizers take the place of _FORTIFY_SOURCE"
	else
		nm -D "$(real "$aicxd")" | grep -q '_chk@'
		is $? "aicxd calls what _FORTIFY_SOURCE puts in place"
	fi
	if grep -q '^HARD_CFLAGS = .*-fcf-protection' "$AICX_BUILD/Makefile" &&
		[ "$(uname -m)" = x86_64 ]; then
		# The C library's start files decide whether the whole program says so.
		readelf -nW "$AICX_BUILD/core/main/daemon.o" | grep -q 'x86 feature.*SHSTK'
		is $? "the daemon's objects are made for control-flow enforcement"
	else
		echo "skipped: this machine has no control-flow enforcement"
	fi
	printf 'int main(void) { return 0; }\n' >"$dir/weak.c"
	if gcc -no-pie -Wl,-z,norelro -o "$dir/weak" "$dir/weak.c" 2>/dev/null; then
		! hardened "$dir/weak"
		is $? "a program that is not hardened is found out"
	fi
fi

# --- what systemd gives it

if ! command -v systemd-analyze >/dev/null; then
	echo "skipped: no systemd-analyze here"
else
	unit=$AICX_BUILD/core/main/aicxd.service
	systemd-analyze security --offline=true "$unit" >"$dir/security" 2>&1
	score=$(sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p' "$dir/security")
	awk -v score="${score:-10}" 'BEGIN { exit !(score <= 2.0) }'
	is $? "systemd-analyze security gives ${score:-nothing}, at most 2.0"
	grep -vE '^(DynamicUser|ProtectSystem|PrivateDevices|SystemCallFilter|CapabilityBoundingSet|RestrictNamespaces|PrivateUsers)' \
		"$unit" >"$dir/weak.service"
	systemd-analyze security --offline=true "$dir/weak.service" >"$dir/security" 2>&1
	score=$(sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p' "$dir/security")
	awk -v score="${score:-0}" 'BEGIN { exit !(score > 2.0) }'
	is $? "a unit without the half of it gets $score"
fi

# --- what the daemon gives away

start() # ARG ...; sets daemon, or says why not
{
	cp -R "$AICX_SRC/conf.d" "$dir/conf.d" 2>/dev/null
	mkdir -p "$dir/scripts"
	cp -R "$AICX_SRC/scripts/policy" "$dir/scripts/" 2>/dev/null
	chmod -R u+w "$dir/conf.d" "$dir/scripts"
	rm -f "$dir/conf.d/9"[1-9]*.conf
	"$aicxd" -c "$dir/conf.d" -d "$dir/data" --plugins "$AICX_BUILD/.libs" \
		--listen 127.0.0.1:0 "$@" 2>"$dir/log" &
	daemon=$!
	tries=0
	until grep -q '"broker.ready"' "$dir/log"; do
		tries=$((tries + 1))
		kill -0 "$daemon" 2>/dev/null && [ $tries -lt 300 ] || return 1
		sleep 0.1
	done
}

stop()
{
	kill "$daemon" 2>/dev/null
	wait "$daemon"
	daemon=
}

status() # NAME: a line of /proc/PID/status
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$daemon/status"
}

start
is $? "the daemon starts"
grep -q '^Max core file size *0 *0 ' "/proc/$daemon/limits"
is $? "it leaves no core file"
if sanitized; then
	echo "skipped: under the sanitizers its memory can be looked at"
else
	# What others of its user may not look at belongs to root, whoever runs it.
	[ "$(stat -c %u "/proc/$daemon/mem")" = 0 ] && [ "$(id -u)" = 0 ] ||
		! cat "/proc/$daemon/environ" >/dev/null 2>&1
	is $? "others of its user cannot look into its memory"
fi
stop

"$aicxd" -c "$dir/conf.d" -d "$dir/data" --user no-such-user 2>"$dir/log"
[ $? = 77 ] && grep -q 'there is no user "no-such-user"' "$dir/log"
is $? "a user that there is not is refused"
if [ "$(id -u)" != 0 ]; then
	"$aicxd" -c "$dir/conf.d" -d "$dir/data" --user root 2>"$dir/log"
	[ $? = 77 ] && grep -q 'only root can become user' "$dir/log"
	is $? "nobody but root becomes another"
elif ! id -u nobody >/dev/null 2>&1; then
	echo "skipped: no user nobody here"
elif ! setpriv --reuid=nobody test -r "$AICX_BUILD/.libs/pricing_flat.so" 2>/dev/null; then
	echo "skipped: nobody cannot read this build"
else
	chmod 755 "$dir"
	rm -rf "$dir/data" "$dir/conf.d" "$dir/scripts"
	mkdir -m 755 "$dir/home"
	umask 022
	start --user nobody
	is $? "started as root it runs as nobody"
	uid=$(id -u nobody)
	[ "$(status Uid | tr -s '\t' ' ')" = "$uid $uid $uid $uid" ]
	is $? "for good: no other user id is left"
	[ "$(status CapEff)" = 0000000000000000 ] && [ "$(status CapPrm)" = 0000000000000000 ]
	is $? "without a capability"
	[ "$(stat -c '%U %a' "$dir/data")" = "nobody 700" ]
	is $? "its data folder was made for it"
	stop
fi
exit $failed
