# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lib.sh: a whole plant in a folder of its own: a private cupsd, virtual printers, temd. Sourced by
# the flows and by the demo. Everything it starts is a child that it ends by pid; nothing outside
# the folder is touched. Programs come from the environment (make check sets it) or from $BUILD.

set -u
export LC_ALL=C.UTF-8

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-${TEM_BUILDDIR:-$SRC/build}}
TEM_TEMD=${TEM_TEMD:-$BUILD/spooler/temd}
TEM_CLI=${TEM_CLI:-$BUILD/cli/tem}
TEM_VPRINTER=${TEM_VPRINTER:-$BUILD/tests/vprinter/tem-vprinter}
TEM_TEMFEED=${TEM_TEMFEED:-$BUILD/drivers/feed/temfeed}
PATH=$PATH:/usr/sbin:/sbin

declare -A PIDS=()   # name -> pid of what we started
declare -A PORTS=()  # printer -> port
CUPSD_PID= TEMD_PID= DIR= TAP_COUNT=0 TAP_FAILED=0

# ---- TAP ---------------------------------------------------------------------------------------

ok() { # ok STATUS NAME: STATUS 0 = passed
    TAP_COUNT=$((TAP_COUNT + 1))
    if [ "$1" = 0 ]; then
        echo "ok $TAP_COUNT - $2"
    else
        TAP_FAILED=$((TAP_FAILED + 1))
        echo "not ok $TAP_COUNT - $2"
    fi
}

is() { # is GOT WANT NAME
    [ "$1" = "$2" ]
    ok $? "$3"
    [ "$1" = "$2" ] || echo "# got \"$1\", want \"$2\""
}

at_most() { # at_most GOT MOST NAME
    [ "$1" -le "$2" ]
    ok $? "$3 ($1, at most $2)"
}

say() { echo "# $*"; }

flow_skip() { # the whole flow cannot run here
    echo "1..0 # SKIP $*"
    exit 0
}

# ---- the folder ----------------------------------------------------------------------------------

flow_needs() {
    [ "${TEM_CHECK:-}" != dist ] || flow_skip "flows run in make check; the archive is not flown again"
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || flow_skip "$tool is not installed"
    done
}

# For flows that mostly wait for paper to move: they are flown once, without sanitizers.
flow_once() {
    [ "${TEM_CHECK:-}" != san ] || flow_skip "minutes of moving paper: flown in the plain build"
}

flow_begin() {
    flow_needs cupsd lpadmin jq curl flock
    DIR=${FLOW_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/tem-flow.XXXXXX")}
    chmod 755 "$DIR" # cupsd's filter user looks inside
    trap flow_end EXIT
    trap 'exit 130' INT TERM
    mkdir -p "$DIR/log" "$DIR/keys"
    export CUPS_SERVER=$DIR/cups.sock
    export TEM_SERVER=unix:$DIR/temd.sock
}

stop_pid() { # SIGTERM, then SIGKILL after 5 s
    local pid=$1 i
    kill "$pid" 2>/dev/null || return 0
    for i in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    return 0
}

# Filters and backends whose cupsd is gone; ours are those that know our folder.
orphans() {
    local proc
    for proc in /proc/[0-9]*; do
        { tr '\0' '\n' <"$proc/environ"; } 2>/dev/null | grep -q "^CUPS_SERVERROOT=$DIR/" &&
            echo "${proc#/proc/}"
    done
    return 0
}

flow_end() {
    local code=$? name pid
    trap - EXIT
    trap '' INT TERM # Ctrl-C comes once to each of a group: nothing may be left half ended
    [ -n "$TEMD_PID" ] && stop_pid "$TEMD_PID"
    for name in "${!PIDS[@]}"; do stop_pid "${PIDS[$name]}"; done
    [ -n "$CUPSD_PID" ] && stop_pid "$CUPSD_PID"
    for pid in $(orphans); do kill -9 "$pid" 2>/dev/null; done
    if [ "$TAP_COUNT" -gt 0 ]; then
        echo "1..$TAP_COUNT"
        [ "$TAP_FAILED" -gt 0 ] && code=1
    fi
    if [ -z "${FLOW_DIR:-}" ] && [ -n "$DIR" ]; then
        if [ "$code" -ne 0 ] && [ -n "${TEM_KEEP:-}" ]; then
            say "kept: $DIR"
        else
            rm -rf "$DIR"
        fi
    fi
    exit "$code"
}

wait_for() { # wait_for SECONDS COMMAND...: until it succeeds
    local until=$(($(date +%s%N) / 1000000 + $1 * 1000))
    shift
    until "$@"; do
        [ $(($(date +%s%N) / 1000000)) -gt $until ] && return 1
        sleep 0.05
    done
}

# ---- CUPS ------------------------------------------------------------------------------------------

cups_make() {
    local c=$DIR/cups kind real
    mkdir -p "$c"/{spool/tmp,cache,state,bin/filter,bin/backend,ppd,ssl} "$DIR/feed"
    real=$(cups-config --serverbin 2>/dev/null || echo /usr/lib/cups)
    for kind in "$real"/*; do
        case ${kind##*/} in
            filter | backend) ln -sf "$kind"/* "$c/bin/${kind##*/}/" ;;
            *) ln -sfn "$kind" "$c/bin/${kind##*/}" ;;
        esac
    done
    # A copy: a build's program may belong to another user, whose filter cupsd would refuse.
    cp "$TEM_TEMFEED" "$c/bin/filter/temfeed"
    chmod 755 "$c/bin/filter/temfeed"
    cp "$SRC/drivers/feed/tem.types" "$c/"
    # Not asked over SNMP: nothing of a test leaves its own ports.
    sed -e "s|^\(\*TemFeedFolder:\).*|\1 \"$DIR/feed\"|" -e 's|^\(\*TemSnmpPort:\).*|\1 "0"|' \
        "$(tem_ppd)" >"$DIR/tem.ppd"
    {
        echo "ServerRoot $c"
        echo "RequestRoot $c/spool"
        echo "CacheDir $c/cache"
        echo "StateDir $c/state"
        echo "TempDir $c/spool/tmp"
        echo "ServerBin $c/bin"
        echo "ServerKeychain $c/ssl"
        echo "ErrorLog $DIR/log/cups-error"
        echo "AccessLog $DIR/log/cups-access"
        echo "PageLog $DIR/log/cups-page"
        echo "Printcap $c/printcap"
        echo "FileDevice Yes"
        echo "SystemGroup $(id -gn)"
        if [ "$(id -u)" = 0 ]; then
            echo "User lp"
            echo "Group lp"
            echo "Sandboxing relaxed"
        fi
    } >"$c/cups-files.conf"
    cat >"$c/cupsd.conf" <<EOF
LogLevel ${CUPS_LOG:-info}
MaxLogSize 0
Listen $DIR/cups.sock
WebInterface No
Browsing No
DefaultAuthType None
JobKillDelay 30
MaxJobTime 0
MaxJobs 0
PreserveJobFiles ${CUPS_PRESERVE:-No}
<Location />
  Order allow,deny
  Allow all
</Location>
<Location /admin>
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  SubscriptionPrivateAccess all
  SubscriptionPrivateValues none
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
EOF
    if [ "$(id -u)" = 0 ]; then
        # cupsd writes as lp into these; programs that lp could change it refuses to run.
        chown -R lp:lp "$c"/{spool,cache,state,ppd,ssl}
        chgrp lp "$c" "$DIR/feed"
        chmod 775 "$c"
    fi
    chmod 2770 "$DIR/feed"
}

# Where the PPD is: beside the build, or installed.
tem_ppd() {
    local at
    for at in "$BUILD/drivers/feed/tem.ppd" "${TEM_PPD:-/nowhere}"; do
        [ -f "$at" ] && echo "$at" && return
    done
}

cups_up() { lpstat -r 2>/dev/null | grep -q 'is running'; }

cups_start() {
    [ -d "$DIR/cups" ] || cups_make
    cupsd -c "$DIR/cups/cupsd.conf" -s "$DIR/cups/cups-files.conf" -f 2>>"$DIR/log/cupsd" &
    CUPSD_PID=$!
    wait_for 10 cups_up || { say "cupsd does not start"; cat "$DIR/log/cupsd" "$DIR/log/cups-error" 2>/dev/null | tail -5; return 1; }
}

cups_kill() { # cups_kill SIGNAL: and wait until it is gone
    kill "-$1" "$CUPSD_PID"
    wait "$CUPSD_PID" 2>/dev/null
    CUPSD_PID=
    rm -f "$DIR/cups.sock"
}

queue_add() { # queue_add QUEUE PRINTER [lpadmin arguments]
    local queue=$1 port=${PORTS[$2]}
    shift 2
    lpadmin -p "$queue" -E -v "socket://127.0.0.1:$port/?snmp=false&waiteof=false&contimeout=60" \
        -P "$DIR/tem.ppd" -o printer-error-policy=abort-job "$@" 2>&1 |
        grep -v 'deprecated'
    cupsaccept "$queue" 2>/dev/null
    cupsenable "$queue" 2>/dev/null
    return 0
}

filter_pids() { # temfeeds of our cupsd
    local proc exe
    for proc in /proc/[0-9]*; do
        exe=$(readlink "$proc/exe" 2>/dev/null) || continue
        [ "${exe% (deleted)}" = "$DIR/cups/bin/filter/temfeed" ] && echo "${proc#/proc/}"
    done
    return 0
}

backend_pids() {
    local proc
    for proc in /proc/[0-9]*; do
        { tr '\0' ' ' <"$proc/cmdline"; } 2>/dev/null | grep -q "^socket://127.0.0.1:" || continue
        { tr '\0' '\n' <"$proc/environ"; } 2>/dev/null | grep -q "^CUPS_SERVERROOT=$DIR/" &&
            echo "${proc#/proc/}"
    done
    return 0
}

# ---- printers -----------------------------------------------------------------------------------------

printer_start() { # printer_start NAME [options]: as a printer that was just switched on
    local name=$1
    shift
    mkdir -p "$DIR/out-$name"
    rm -f "$DIR/$name.port"
    "$TEM_VPRINTER" --port "${PORTS[$name]:-0}" --out "$DIR/out-$name" --control "$DIR/$name.ctl" \
        --port-file "$DIR/$name.port" --state "$DIR/$name.state" --quiet "$@" \
        2>>"$DIR/log/printer-$name" &
    PIDS[$name]=$!
    wait_for 5 test -s "$DIR/$name.port" || { say "printer $name does not start"; cat "$DIR/log/printer-$name"; return 1; }
    PORTS[$name]=$(cat "$DIR/$name.port")
}

printer_tell() { # printer_tell NAME COMMAND...
    local name=$1
    shift
    "$TEM_VPRINTER" --tell --control "$DIR/$name.ctl" "$@"
}

# Whole labels drawn; how many different ones; labels drawn more than once.
drawn() { jq -r 'select(.kind == "label") | .fnv' "$DIR/out-$1/labels.jsonl" 2>/dev/null | wc -l; }
distinct() { jq -r 'select(.kind == "label") | .fnv' "$DIR/out-$1/labels.jsonl" 2>/dev/null | sort -u | wc -l; }
twice() { jq -r 'select(.kind == "label") | .fnv' "$DIR/out-$1/labels.jsonl" 2>/dev/null | sort | uniq -d | wc -l; }
protocol_errors() { jq -r '.errors | length' "$DIR/out-$1/labels.jsonl" 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'; }
# A label without its plate would be a number without a product: it has far fewer black dots.
plateless() { jq -r 'select(.kind == "label") | .black' "$DIR/out-$1/labels.jsonl" 2>/dev/null | awk -v least="$2" '$1 < least { n++ } END { print n + 0 }'; }

# ---- temd -----------------------------------------------------------------------------------------------

# The series of the stock templates.
stock_series() {
    cat <<'EOS'
series:
  - {name: pack, format: random, length: 10}
  - {name: crate, format: random, length: 10}
  - {name: sscc, format: sequential, prefix: "08938505974", length: 6, check: gs1}
  - {name: asset, format: sequential, prefix: "26", length: 6}
EOS
}

temd_config() { # temd_config PRINTER:MODEL[:evidence[:WIDTHxHEIGHT]]...: stock in mm, 50x30 unless said
    {
        echo "listen: {socket: $DIR/temd.sock, http: none}"
        echo "folders: {store: $DIR/store, keys: $DIR/keys, feed: $DIR/feed, archive: $DIR/archive, templates: [$SRC/templates/stock, $DIR/templates]}"
        echo "site: {utc_offset: \"+07:00\"}"
        echo "cups: {server: $DIR/cups.sock}"
        echo "log: {level: ${TEM_LOG:-info}}"
        echo "printers:"
        local spec name model evidence stock
        for spec in "$@"; do
            IFS=: read -r name model evidence stock <<<"$spec"
            stock=${stock:-50x30}
            echo "  - {name: $name, queue: $name, model: $model, evidence: ${evidence:-full}, speed_mm_s: 300,"
            echo "     stock: {width: ${stock%x*} mm, height: ${stock#*x} mm, gap: 3 mm}}"
        done
        stock_series
    } >"$DIR/temd.yaml"
    mkdir -p "$DIR/templates"
}

temd_up() { [ "$(curl -s --max-time 2 --unix-socket "$DIR/temd.sock" http://localhost/healthz | jq -r .status 2>/dev/null)" = ok ]; }

temd_start() { # temd_start [environment assignments]
    env "$@" "$TEM_TEMD" --config "$DIR/temd.yaml" 2>>"$DIR/log/temd" &
    TEMD_PID=$!
    wait_for 10 temd_up || { say "temd does not start"; tail -5 "$DIR/log/temd"; return 1; }
}

temd_kill() { # temd_kill SIGNAL
    kill "-$1" "$TEMD_PID" 2>/dev/null
    wait "$TEMD_PID" 2>/dev/null
    TEMD_PID=
}

tem() { "$TEM_CLI" "$@"; }

api() { # api METHOD PATH [curl arguments]: prints the body
    local method=$1 path=$2
    shift 2
    curl -s --max-time 30 --unix-socket "$DIR/temd.sock" -X "$method" "http://localhost$path" "$@"
}

job_new() { # job_new QUANTITY PRINTER [lot]: prints the job's id
    api POST /v1/jobs -H 'Content-Type: application/json' -d "{\"template\":\"${TEMPLATE:-medicine-pack}\",
        \"printer\":\"$2\",\"quantity\":$1,\"data\":{\"product\":\"Viên nén Paracetamol 500 mg\",
        \"gtin\":\"8938505974194\",\"lot\":\"${3:-L1}\",\"expiry\":\"2028-03-31\"}}" | jq -r .id
}

job_field() { api GET "/v1/jobs/$1" | jq -r "$2"; }
job_state() { job_field "$1" .state; }
labels_in() { job_field "$1" ".counts.$2 // 0"; } # labels_in JOB STATE
job_is() { [ "$(job_state "$1")" = "$2" ]; }
job_at_rest() { case $(job_state "$1") in closed | held | cancelled) ;; *) return 1 ;; esac }
drawn_at_least() { [ "$(drawn "$1")" -ge "$2" ]; }

printer_idle() { printer_tell "$1" status | jq -e '.formats == 0 and .remaining == 0 and .buffered_bytes == 0 and (.feeding | not)' >/dev/null; }

# What a scanner reads from pictures: PICTURE, a tab and the scan, a line a symbol. Bars are read only
# without looking at smaller copies (-noscale): there ZXing 1.4 ends in an assertion of its own.
scan_pictures() { # scan_pictures PICTURE...
    [ $# -gt 0 ] || return 0
    # The first twice: ZXing names the file only where there are several.
    ZXingReader -noscale -norotate -escape "$1" "$@" | awk -F'"' '
        /^File:/ { sub(/^File: */, ""); file = $0 }
        /^Text:/ { text = $2 }
        /^Identifier:/ { sub(/^Identifier: */, ""); print file "\t" $0 text }' |
        sort -u | sed 's/<GS>/\x1d/g'
}

# The newest whole labels on the roll.
roll_end() { # roll_end PRINTER HOW-MANY
    jq -r 'select(.kind == "label") | .png' "$DIR/out-$1/labels.jsonl" 2>/dev/null | tail -n "$2" |
        sed "s|^|$DIR/out-$1/|"
}

# What temd knows of scans, a line each: JSON, of an unknown one a problem.
ask_scans() { # ask_scans: scans on standard input
    jq -rR '"url = \"http://localhost/v1/labels?scan=" + @uri + "\"", "silent"' |
        curl --max-time 60 --unix-socket "$DIR/temd.sock" -w '\n' -K - | jq -c .
}

# What a careful operator does with doubt: scans the end of the roll; what is there whole, in all its
# pieces, is printed, what is not (or is torn, or a lone piece, and thrown away) does not exist. The
# pictures of lone pieces are in $DIR/thrown then.
resolve_as_seen() { # resolve_as_seen JOB PRINTER
    local ranges
    # shellcheck disable=SC2046
    scan_pictures $(roll_end "$2" "${SCAN_ROLL:-12}") >"$DIR/scans"
    paste <(cut -f1 "$DIR/scans") <(cut -f2- "$DIR/scans" | ask_scans) |
        jq -cR 'split("\t") | {picture: .[0]} + (.[1] | fromjson)' >"$DIR/seen"
    ranges=$(api GET "/v1/jobs/$1" | jq -c --argjson job "$1" --slurpfile seen "$DIR/seen" '
        ([$seen[] | select(.job == $job)] | group_by(.label) | map({label: .[0].label, pieces: length})) as $roll |
        .pieces as $pieces | [.spans[] | select(.state == "in_doubt") | range(.first; .last + 1) | . as $one |
        {first: ., last: ., decision: (if any($roll[]; .label == $one and .pieces >= $pieces)
            then "printed" else "absent" end)}]')
    jq -r --argjson job "$1" --argjson ranges "$ranges" '
        select(.job == $job and (.label as $l | any($ranges[]; .decision == "absent" and .first == $l))) | .picture' \
        "$DIR/seen" >>"$DIR/thrown"
    api POST "/v1/jobs/$1/resolve" -H 'Content-Type: application/json' -d "{\"person\":\"operator\",
        \"reason\":\"read the end of the roll\",\"printer_cleared\":${CLEARED:-false},\"ranges\":$ranges}" >"$DIR/resolve.json"
    # Another printer is there: the one before has been switched off.
    if [ -z "${CLEARED:-}" ] && grep -q "was exchanged since" "$DIR/resolve.json"; then
        CLEARED=true resolve_as_seen "$1" "$2"
        return
    fi
    jq -e .id "$DIR/resolve.json" >/dev/null || { cut -c1-600 "$DIR/resolve.json" | sed 's/^/# /'; return 1; }
}

# The counts of a job add up to its quantity (promise 6).
sums_up() { [ "$(job_field "$1" '([.counts[]] | add) == .quantity')" = true ]; }

# ---- following a job to its end --------------------------------------------------------------------------

WINDOW=4     # as temd.yaml has it by default
DOUBT_MOST=0 # the most labels that were in doubt at once, of the job finished last
DOUBTS=0     # how often a person had to decide

# Lets a job end: resolves doubt as an operator would, releases what an order in CUPS held.
finish_job() { # finish_job JOB PRINTER [SECONDS]
    local job=$1 printer=$2 until=$((SECONDS + ${3:-60})) n
    DOUBT_MOST=0 DOUBTS=0
    while [ $SECONDS -lt $until ]; do
        case $(job_state "$job") in
            closed | cancelled) return 0 ;;
            held)
                n=$(labels_in "$job" in_doubt)
                if [ "$n" -gt 0 ]; then
                    [ "$n" -gt $DOUBT_MOST ] && DOUBT_MOST=$n
                    DOUBTS=$((DOUBTS + 1))
                    wait_for 10 printer_idle "$printer"
                    resolve_as_seen "$job" "$printer"
                else
                    api POST "/v1/jobs/$job/release" -H 'Content-Type: application/json' \
                        -d '{"person":"operator"}' >"$DIR/release.json"
                fi
                ;;
        esac
        sleep 0.1
    done
    say "job $job did not end: $(api GET "/v1/jobs/$job" | jq -c '{state, counts, hold}')"
    return 1
}

# The judgement over everything a printer drew: LABELS labels, each once.
judge() { # judge PRINTER LABELS WHAT
    is "$(drawn "$1")" "$2" "$3: labels on paper"
    is "$(distinct "$1")" "$2" "$3: different labels"
    is "$(twice "$1")" 0 "$3: labels on paper twice"
    is "$(protocol_errors "$1")" 0 "$3: protocol errors"
}

# The same, for one job that must have ended closed with all its states adding up.
judge_job() { # judge_job JOB QUANTITY WHAT
    is "$(job_state "$1")" closed "$3: job closed"
    is "$(labels_in "$1" printed)" "$2" "$3: labels printed"
    sums_up "$1"
    ok $? "$3: its states add up"
}

plant() { # plant [vprinter options]: cupsd, printer p1 with its queue, temd
    cups_start && printer_start p1 "$@" || exit 1
    queue_add p1 p1
    temd_config p1:zpl-203
    temd_start || exit 1
}
