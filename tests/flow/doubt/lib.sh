# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lib.sh: what the flows about doubt share; sourced after the lib.sh of the flows, when the plant stands.

# The printer is paused at its panel when labels wait in it: it stands still, and holds them.
waiting_at_least() { [ "$(printer_tell "$1" status | jq '.formats + .remaining')" -ge "$2" ]; }
pause_with() { # pause_with PRINTER LEAST: with that many labels in it
    local i
    for i in $(seq 40); do
        printer_tell "$1" pause >/dev/null
        sleep 0.3
        waiting_at_least "$1" "$2" && return 0
        printer_tell "$1" resume >/dev/null
        sleep 0.2
    done
    return 1
}
# The same, out of labels.
out_soon() { printer_tell "$1" media-out-at $(($(printer_tell "$1" status | jq .n) + 2)) >/dev/null; }
out_of_labels() { printer_tell "$1" status | jq -e .media_out >/dev/null; }
run_out() { wait_for 5 out_soon "$1" && wait_for 10 out_of_labels "$1" && sleep 0.5; }

job_held_by() { [ "$(job_field "$1" '.hold.reason // ""')" = "$2" ]; }
in_doubt_at_least() { [ "$(labels_in "$1" in_doubt)" -ge "$2" ]; }
stands() { printer_tell "$1" status | jq -c '{n, formats, remaining, paused, media_out}'; }
spans_of() { api GET "/v1/jobs/$1" | jq -c '[.spans[] | "\(.first)-\(.last) \(.state) \(.attempt)"]'; }
# The number that is on the N-th whole label of the roll.
number_on_roll() { # number_on_roll PRINTER N
    scan_pictures "$DIR/out-$1/$(jq -r 'select(.kind == "label") | .png' "$DIR/out-$1/labels.jsonl" | sed -n "$2p")" |
        head -1 | cut -f2- | ask_scans | jq -r .number
}
