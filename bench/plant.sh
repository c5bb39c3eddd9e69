# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# plant.sh: what the bench's scripts begin with: the flows' plant (tests/flow/lib.sh) in the folder of
# work, $1. What is missing on this machine ends a bench with 77, as bench/run wants it.
FLOW_DIR=${1:?folder of work}
. "$(dirname "${BASH_SOURCE[0]}")/../tests/flow/lib.sh"

flow_skip() {
    echo "$*" >&2
    exit 77
}

mkdir -p "$FLOW_DIR/feed"
flow_begin
