#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each header includes what it uses: it compiles alone. TEM_CC and TEM_CC_FLAGS come from make check.
. "${srcdir:-.}/tests/tree.sh"

flags=${TEM_CC_FLAGS:--I. -D_GNU_SOURCE -std=c11}
# An unused static function of a test header is no fault of the header.
flags="$flags -Wno-unused-function -Wno-unused-variable -Wno-unused-const-variable"
# What the build tells main.c and the tests; here any text does.
# shellcheck disable=SC2089,SC2090 # the quotes belong to the compiler
for name in VERSION SYSCONFDIR LOCALSTATEDIR RUNSTATEDIR DATADIR FEED_FOLDER FONT_FOLDERS; do
    flags="$flags -DTEM_$name=\"x\""
done
for header in $(tree_files '*.h'); do
    # shellcheck disable=SC2086,SC2090 # flags and compiler are lists of words. The folder of the build comes first, as for every other file.
    said=$(cd "${TEM_BUILDDIR:-.}" && echo "#include \"$header\"" |
        ${TEM_CC:-cc} $flags -I"$OLDPWD" -x c -fsyntax-only - 2>&1)
    tap_empty "$said" "$header compiles alone"
done
tap_done
