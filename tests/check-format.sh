#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our C files look as .clang-format says. Only clang-format 14 (Debian 12's) is asked: each version
# breaks lines in its own way.
. "${srcdir:-.}/tests/tree.sh"

tool=${TEM_CLANG_FORMAT:-clang-format-14}
if ! "$tool" --version 2>/dev/null | grep -q 'version 14\.'; then
    tap_skip "clang-format 14 is missing: format not checked"
    tap_done
    exit
fi
tap_empty "$(tree_files '*.c' '*.h' | xargs "$tool" --dry-run 2>&1 |
    sed -n 's|:[0-9]*:[0-9]*: warning: .*||p' | uniq -c)" \
    "clang-format finds nothing to change"

# The check itself.
said=$(printf 'int  f( void ){return 0;}\n' | "$tool" --assume-filename=x.c)
test "$said" = "$(printf 'int f(void)\n{\n    return 0;\n}')"
tap_ok $? "check-format: .clang-format is read"
tap_done
