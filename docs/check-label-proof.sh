#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check-label-proof.sh LABEL.json VKEY-FILE: checks the proof of a label without any program of Tem:
# coreutils, jq and openssl. What each step means is in ledger.md. Exit status 0: the number was issued.
set -euo pipefail
proof=$1 vkey=$(<"$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/label-proof.XXXXXX")
trap 'rm -rf "$work"' EXIT

hex() { basenc --base16 -w0 | tr A-F a-f; }             # bytes to hex
bytes() { printf %s "$1" | tr a-f A-F | basenc -d --base16; } # hex to bytes
sha() { sha256sum | cut -c1-64; }
node() { { printf '\001'; bytes "$1$2"; } | sha; }      # of two hashes
length() { bytes "$(printf %08x "$(printf %s "$1" | wc -c)")"; }
fail() { echo "NOT PROVED: $1" >&2; exit 1; }

# fold HASH INDEX SIZE PATH...: the root that a path leads to (RFC 9162, 2.1.3.2)
fold() {
    local hash=$1 at=$2 last=$(($3 - 1)) sibling
    shift 3
    for sibling in "$@"; do
        [ $last -gt 0 ] || fail "the path is too long"
        if [ $((at & 1)) = 1 ] || [ "$at" = $last ]; then
            hash=$(node "$sibling" "$hash")
            while [ $((at & 1)) = 0 ] && [ "$at" -gt 0 ]; do at=$((at >> 1)) last=$((last >> 1)); done
        else
            hash=$(node "$hash" "$sibling")
        fi
        at=$((at >> 1)) last=$((last >> 1))
    done
    [ $last = 0 ] || fail "the path is too short"
    echo "$hash"
}

# 1. The number's leaf: lengths and texts of series, scope and number, then 16 bytes of blinding.
leaf=$({
    printf '\000'
    for name in series scope number; do
        value=$(jq -j ".$name" "$proof")
        length "$value"
        printf %s "$value"
    done
    bytes "$(jq -j .blinding "$proof")"
} | sha)

# 2. Its path leads to the root that the sending event holds.
mapfile -t path < <(jq -r '.leaf.path[]' "$proof" | while read -r hash; do printf %s "$hash" | base64 -d | hex; echo; done)
root=$(fold "$leaf" "$(jq .leaf.index "$proof")" "$(jq .leaf.size "$proof")" "${path[@]}")
jq -j .event.body "$proof" > "$work/event"
[ "$(jq -r .type "$work/event")" = chunk.sending ] || fail "the event is none that sends labels"
[ "$root" = "$(jq -r .root "$work/event")" ] || fail "the number is not under the root in the event"

# 3. The event's path leads to the root of the checkpoint.
jq -j .tlog_proof "$proof" > "$work/tlog-proof"
[ "$(head -n1 "$work/tlog-proof")" = c2sp.org/tlog-proof@v1 ] || fail "no tlog-proof"
index=$(sed -n 's/^index //p;T;q' "$work/tlog-proof")
sed '1,/^$/d' "$work/tlog-proof" > "$work/checkpoint"
mapfile -t path < <(sed '1,/^index /d;/^$/,$d' "$work/tlog-proof" | while read -r hash; do printf %s "$hash" | base64 -d | hex; echo; done)
size=$(sed -n 2p "$work/checkpoint")
root=$(fold "$({ printf '\000'; cat "$work/event"; } | sha)" "$index" "$size" "${path[@]}")
[ "$root" = "$(sed -n 3p "$work/checkpoint" | base64 -d | hex)" ] || fail "the event is not under the checkpoint's root"
[ "$(jq .seq "$work/event")" = $((index + 1)) ] || fail "the event has another number"

# 4. The checkpoint is signed by the key (Ed25519; the 12 bytes before it make it a public key in DER).
{ bytes 302a300506032b6570032100; printf %s "$vkey" | cut -d+ -f3- | base64 -d | tail -c 32; } > "$work/key.der"
sed '/^$/,$d' "$work/checkpoint" > "$work/text"
name=${vkey%%+*}
[ "$(head -n1 "$work/text")" = "$name" ] || fail "a checkpoint of another ledger"
grep -F "— $name " "$work/checkpoint" | sed 's/.* //' | base64 -d | tail -c 64 > "$work/signature"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin -in "$work/text" -sigfile "$work/signature" > /dev/null 2>&1 ||
    fail "the checkpoint is not signed by this key"

echo "PROVED: number $(jq -r .number "$proof") of series $(jq -r .series "$proof") scope $(jq -r .scope "$proof"):" \
    "event $((index + 1)) of $size, $(jq -r .at "$work/event"), ledger $name"
