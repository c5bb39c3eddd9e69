#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each stock template at each resolution: our ZPL, drawn by zpl-renderer-js, must be our dots.
set -u
src=$(cd "$(dirname "$0")/../.." && pwd)
draw=${TEM_BUILDDIR:-$src/build}/tests/tools/draw-zpl
command -v node >/dev/null 2>&1 || { echo "1..0 # SKIP node is not installed"; exit 0; }
[ -d "$src/tests/zpl/node_modules" ] || { echo "1..0 # SKIP tests/zpl/node_modules is missing: npm ci in tests/zpl"; exit 0; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/tem-zpl.XXXXXX")
trap 'rm -rf "$folder"' EXIT
n=0 failed=0
for template in "$src"/templates/stock/*.yaml "$src"/tests/unit/data/templates/drawn-*.yaml; do
    [ -f "$template" ] || continue
    for model in zpl-203 zpl-300 zpl-300-12 zpl-600; do
        n=$((n + 1))
        name="$(basename "$template" .yaml) on $model"
        size=$("$draw" "$template" "$model" "$folder/label") || { echo "not ok $n - $name is drawn"; failed=1; continue; }
        # shellcheck disable=SC2086
        said=$(node "$src/tests/zpl/zpl-compare.mjs" "$folder/label.zpl" $size "$folder/label.png" 2>&1)
        code=$?
        case $code in
            0) echo "ok $n - $name: $said" ;;
            77) echo "ok $n # SKIP $name: $said" ;;
            *) echo "not ok $n - $name: $said"; failed=1 ;;
        esac
    done
done
echo "1..$n"
exit $failed
