#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Doubt, decided by people who follow the guide and by people in a hurry: no number may come out
# twice, nothing be called printed that is not there. Each row of doubt/ has a plant of its own; they
# mostly wait for paper, so they wait together.
. "$(dirname "$0")/lib.sh"
flow_once
flow_needs cupsd lpadmin jq curl flock ZXingReader python3
OUT=$(mktemp -d "${TMPDIR:-/tmp}/tem-doubt.XXXXXX") || exit 1
trap 'rm -rf "$OUT"' EXIT
HERE=$(dirname "$0")/doubt
# shellcheck disable=SC2016
find "$HERE" -name '*.sh' ! -name lib.sh | sort |
    xargs -P 4 -I{} sh -c 'bash "$1" >"$2/$(basename "$1" .sh)" 2>&1' sh {} "$OUT"
count=0
for said in "$OUT"/*; do
    echo "# ${said##*/}"
    grep -q '^1\.\.[1-9]' "$said" || echo "not ok - ${said##*/}: came to its end" >>"$said"
    sed -E -e '/^1\.\.[0-9]/d' -e "s/^(not ok|ok)( [0-9]+)? - /\1 - ${said##*/}: /" "$said"
    count=$((count + $(grep -cE '^(not )?ok' "$said")))
done
echo "1..$count"
! grep -q '^not ok' "$OUT"/*
