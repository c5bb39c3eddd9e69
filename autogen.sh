#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure and Makefile.in from configure.ac and Makefile.am (a fresh clone has neither).
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux m4 # aclocal and automake put their helpers here; git keeps no empty folders
exec autoreconf --force --install --warnings=all,no-override
