#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts into sysconfdir is what this build's temd prints, and temd takes it.
. "${srcdir:-.}/tests/tree.sh"

if [ ! -x "${TEM_TEMD:-}" ]; then
    tap_skip "temd is not built"
    tap_done
    exit
fi
installed=$TEM_BUILDDIR/config/temd.yaml.here
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$TEM_TEMD" --example-config > "$work/printed"
tap_empty "$(diff "$work/printed" "$installed" 2>&1)" "temd --example-config prints what is installed"

# A value out of range stops the start, with its line.
sed 's|^  level: info.*|  level: loud|' "$work/printed" > "$work/bad.yaml"
line=$(grep -n 'level: loud' "$work/bad.yaml" | cut -d: -f1)
said=$("$TEM_TEMD" --check-config --config "$work/bad.yaml" 2>&1)
test $? -eq 1
tap_ok $? "a bad value gives exit status 1"
case $said in
*"bad.yaml:$line:10: error: log.level:"*) tap_ok 0 "and its line and column" ;;
*) tap_ok 1 "and its line and column: $said" ;;
esac
# Templates are checked, too: a name twice is a fault here, though temd would start without the second.
mkdir "$work/templates"
cp "${srcdir:-.}/templates/stock/asset-tag.yaml" "$work/templates/a.yaml"
sed "s|^  templates: .*|  templates: $work/templates|; s|^\(  store: \).*|\1$work/store|" "$work/printed" > "$work/good.yaml"
said=$("$TEM_TEMD" --check-config --config "$work/good.yaml" 2>&1)
test $? -eq 0
tap_ok $? "good templates give exit status 0: $said"
cp "$work/templates/a.yaml" "$work/templates/b.yaml"
said=$("$TEM_TEMD" --check-config --config "$work/good.yaml" 2>&1)
test $? -eq 1
tap_ok $? "a template's fault gives exit status 1: $said"
tap_done
