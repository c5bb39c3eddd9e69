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

# 0. It has no member that is not used below, none twice, and one spelling of each.
jq -es 'length == 1 and (.[0] | keys == ["blinding", "event", "format", "number", "path", "scope", "series", "tlog_proof"]
    and .format == "tem-label-proof/2" and ([.[] | strings] | length) == 7 and (.blinding | test("\\A[0-9a-f]{32}\\z"))
    and (.path | all(.[]; keys == ["left"] or keys == ["right"])
        and all(.[][]; test("\\A[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\\z"))))' "$proof" > /dev/null 2>&1 &&
    [ "$(jq -c --stream . "$proof" | wc -l)" = "$(jq -c tostream "$proof" | wc -l)" ] ||
    fail "the file has not the form of a label's proof, or says more than it proves"

# 1. The number's leaf: lengths and texts of series, scope and number, then 16 bytes of blinding.
hash=$({
    printf '\000'
    for name in series scope number; do
        jq -j ".$name" "$proof" > "$work/value"
        bytes "$(printf %08x "$(wc -c < "$work/value")")"
        cat "$work/value"
    done
    bytes "$(jq -j .blinding "$proof")"
} | sha)

# 2. Its path leads to the root that the sending event holds.
while read -r side other; do
    other=$(printf %s "$other" | base64 -d | hex)
    if [ "$side" = left ]; then hash=$(node "$other" "$hash"); else hash=$(node "$hash" "$other"); fi
done < <(jq -r '.path[] | to_entries[] | "\(.key) \(.value)"' "$proof")
jq -j .event "$proof" > "$work/event"
[ "$(jq -r .type "$work/event")" = chunk.sending ] || fail "the event is none that sends labels"
[ "$hash" = "$(jq -r .root "$work/event")" ] || fail "the number is not under the root in the event"

# 3. The event's path leads to the root of the checkpoint.
jq -j .tlog_proof "$proof" > "$work/tlog-proof"
[ "$(head -n1 "$work/tlog-proof")" = c2sp.org/tlog-proof@v1 ] || fail "no tlog-proof"
index=$(sed -n 's/^index \(0\|[1-9][0-9]*\)$/\1/p;T;q' "$work/tlog-proof")
[ -n "$index" ] || fail "the tlog-proof has no index"
sed '1,/^$/d' "$work/tlog-proof" > "$work/checkpoint"
mapfile -t path < <(sed '1,/^index /d;/^$/,$d' "$work/tlog-proof" | while read -r hash; do printf %s "$hash" | base64 -d | hex; echo; done)
size=$(sed -n 2p "$work/checkpoint")
[[ $size =~ ^[1-9][0-9]*$ ]] || fail "the checkpoint has no size"
root=$(fold "$({ printf '\000'; cat "$work/event"; } | sha)" "$index" "$size" "${path[@]}")
[ "$root" = "$(sed -n 3p "$work/checkpoint" | base64 -d | hex)" ] || fail "the event is not under the checkpoint's root"
[ "$(jq .seq "$work/event")" = $((index + 1)) ] || fail "the event has another number"

# 4. The checkpoint is signed by the key (Ed25519; the 12 bytes before it make it a public key in DER).
{ bytes 302a300506032b6570032100; printf %s "$vkey" | cut -d+ -f3- | base64 -d | tail -c 32; } > "$work/key.der"
sed '/^$/,$d' "$work/checkpoint" > "$work/text"
name=${vkey%%+*}
[ "$(head -n1 "$work/text")" = "$name" ] || fail "a checkpoint of another ledger"
sed '1,/^$/d;s/.* //' "$work/checkpoint" | base64 -d > "$work/id-signature" || fail "no signature"
[ "$(head -c 4 "$work/id-signature" | hex)" = "$(cut -d+ -f2 <<< "$vkey")" ] || fail "a signature of another key"
tail -c 64 "$work/id-signature" > "$work/signature"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin -in "$work/text" -sigfile "$work/signature" > /dev/null 2>&1 ||
    fail "the checkpoint is not signed by this key"
# What was used, written again, is all that there is.
{
    printf 'c2sp.org/tlog-proof@v1\nindex %s\n' "$index"
    for hash in "${path[@]}"; do bytes "$hash" | base64 -w0; echo; done
    echo
    cat "$work/text"
    printf '\n— %s %s\n' "$name" "$(base64 -w0 "$work/id-signature")"
} | cmp -s - "$work/tlog-proof" || fail "the tlog-proof says more than it proves"

echo "PROVED: number $(jq -r .number "$proof") of series $(jq -r .series "$proof") scope $(jq -r .scope "$proof"):" \
    "event $((index + 1)) of $size, $(jq -r .at "$work/event"), ledger $name"
