# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lib.sh: a program dies at a named point (spooler/base/fault.h), is started again, and paper and store
# are compared. points.txt has the rows; each is one line of TAP, its complaints below it.
#
# A row: temd is started with TEM_FAULT, something is ordered, temd must die of SIGKILL, which here only
# the point sends. Before it is started again, its store must know each label that is on paper
# (promise 3). Then the same order is given once more under the same Idempotency-Key, the job ends as
# an operator would let it, and there must be one job, each label once, no doubt and no token left.
. "${srcdir:-$(dirname "${BASH_SOURCE[0]}")/../..}/tests/flow/lib.sh"

POINTS=$SRC/tests/crash/points.txt
JSON=(-H 'Content-Type: application/json')
WHO='{"person":"operator","reason":"a crash test"}'
declare -A PAPER=()  # printer -> labels that must have been drawn by now
declare -A SECOND=() # printer -> labels on paper under a number that was there already, as ordered
KEYS=0 JOBS=0 LOT=0 JOB= STATUS= REPLAYED=
SHARDS=${SHARDS:-2}
BAD=()
exec {NAP}<> <(:) # nothing ever comes out of it

# Counted without a JSON reader: a row counts often.
drawn() { grep -cs '"kind":"label"' "$DIR/out-$1/labels.jsonl"; }
twice() { awk -F'"fnv":"' '/"kind":"label"/ && n[substr($2, 1, 16)]++ == 1 { d++ } END { print d + 0 }' "$DIR/out-$1/labels.jsonl"; }

# ---- rows ----------------------------------------------------------------------------------------

want() { # want GOT WANT WHAT
    [ "$1" = "$2" ] || BAD+=("$3: got \"$1\", want \"$2\"")
}

most() { # most GOT MOST WHAT
    [ "$1" -le "$2" ] || BAD+=("$3: $1, at most $2")
}

row_end() { # row_end NAME
    [ ${#BAD[@]} = 0 ]
    ok $? "$1"
    [ ${#BAD[@]} = 0 ] || printf '# %s\n' "${BAD[@]}"
    BAD=()
}

# crash_rows PROGRAM,... SCENARIO...: POINT SCENARIO PASS WITH, a line each, of points.txt.
crash_rows() { # CRASH_ONLY: POINT, SCENARIO or SCENARIO/POINT, by hand
    local program=$1
    shift
    awk -v program="$program" -v scenarios=" $* " '!/^(#|$)/ && index("," program ",", "," $2 ",") &&
        index(scenarios, " " $3 " ") && (only == "" || $1 == only || $3 == only || $3 "/" $1 == only) { print $1, $3, $4 ? $4 : 1, $5 }' \
        only="${CRASH_ONLY:-}" "$POINTS"
}

# crash_run PROGRAM SCENARIO...: each row by run_SCENARIO POINT FAULT, in SHARDS plants side by side; a
# plant is made by `setup`. The machine mostly waits.
crash_run() {
    local out shard pids=()
    out=$(mktemp -d) || exit 1
    trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$out"' EXIT
    trap 'exit 130' INT TERM
    for shard in $(seq "$SHARDS"); do
        (
            trap - EXIT INT TERM
            flow_begin
            setup
            crash_shard $((shard - 1)) "$@"
        ) >"$out/$shard" 2>"$out/$shard.err" </dev/null &
        pids+=($!)
    done
    wait "${pids[@]}"
    for shard in $(seq "$SHARDS"); do
        grep -q '^1\.\.' "$out/$shard" || echo "not ok - plant $shard came to its end"
        grep -v '^1\.\.' "$out/$shard"
        grep -vE ' Killed  |^$' "$out/$shard.err" | head -20 | sed 's/^/# /'
    done | awk '/^(not )?ok / { n++; bad += $1 == "not"; sub(/ok( [0-9]+)?/, "ok " n) }
        { print } END { print "1.." n + 0; exit !n || bad > 0 }'
    exit
}

crash_shard() { # crash_shard WHICH PROGRAM SCENARIO...
    local which=$1 point scenario pass with n=0
    shift
    while read -r point scenario pass with; do
        n=$((n + 1))
        [ $((n % SHARDS)) = "$which" ] || continue
        "run_$scenario" "$point" "$point:$pass${with:+,$with}" "$pass" </dev/null
        row_end "$scenario: $point$([ "$pass" = 1 ] || echo ", pass $pass")${with:+, with $with}"
    done < <(crash_rows "$@")
    judge_all
}

# Much shorter steps than wait_for's: a row waits a dozen times.
await() { # await SECONDS COMMAND...
    local until=$(($(date +%s) + $1 + 1)) n=0
    shift
    until "$@"; do
        n=$((n + 1))
        [ $((n % 20)) = 0 ] && [ "$(date +%s)" -gt $until ] && return 1
        read -rt "${STEP:-0.05}" -u $NAP || : # sleeps without a process
    done
}

# ---- the plant -------------------------------------------------------------------------------------

# The filter, which takes its next fault from the feed folder, once, and leaves word of its death there
# (cupsd calls SIGKILL a normal end).
filter_wrap() {
    local filter=$DIR/cups/bin/filter
    mv "$filter/temfeed" "$filter/temfeed.real"
    cat >"$filter/temfeed" <<EOS
#!/bin/sh
cd "$DIR/feed" || exit 1
mv fault fault.used 2>/dev/null || exec "$filter/temfeed.real" "\$@"
TEM_FAULT=\$(cat fault.used) "$filter/temfeed.real" "\$@" <&0 &
child=\$!
trap 'kill -TERM \$child' TERM
code=0
while kill -0 \$child 2>/dev/null; do wait \$child; code=\$?; done
[ \$code != 137 ] || { echo "\$1" >died; kill -9 \$\$; }
exit \$code
EOS
    chmod 755 "$filter/temfeed"
}

# The fonts that the templates name, alone: temd looks at each file of its folders when it starts.
crash_fonts() {
    local folders
    folders=$("$TEM_TEMD" --example-config | sed -n 's/^fonts: \[\(.*\)\]$/\1/p' | tr -d ,)
    mkdir -p "$DIR/fonts" "$DIR/frozen"
    # shellcheck disable=SC2086
    find $folders \( -name 'Roboto*.ttf' -o -name 'NotoSans-*.ttf' \) -exec ln -sf {} "$DIR/fonts/" \; 2>/dev/null
    [ -n "$(ls -A "$DIR/fonts")" ] && sed -i "1i fonts: [$DIR/fonts]" "$DIR/temd.yaml"
}

crash_config() { # crash_config PRINTER:MODEL[:evidence]...
    temd_config "$@"
    crash_fonts
    sed -i -e '1i limits: {chunk_impressions: 4}' -e '1i ledger: {checkpoint_seconds: 1}' "$DIR/temd.yaml"
    sed -e 's/^name: .*/name: pack-sent/; s/^close: .*/close: sent/' \
        "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/pack-sent.yaml"
}

crash_printer() { # crash_printer NAME [options]: a printer and its queue
    printer_start "$@" || exit 1
    queue_add "$1" "$1"
    touch "$DIR/out-$1/labels.jsonl"
    PAPER[$1]=0 SECOND[$1]=0
}

# ---- temd --------------------------------------------------------------------------------------------

ready() { [[ $(<"$DIR/log/now") == *'"temd is ready"'* ]]; }
dead() { ! kill -0 "$TEMD_PID" 2>/dev/null; }
up_or_dead() { dead || ready; }
up() { ! dead && ready; }

temd_run() { # temd_run [environment]: started, and up or dead
    cat "$DIR/log/now" >>"$DIR/log/temd" 2>/dev/null
    : >"$DIR/log/now"
    env "$@" "$TEM_TEMD" --config "$DIR/${CONFIG:-temd.yaml}" 2>"$DIR/log/now" &
    TEMD_PID=$!
    await 10 up_or_dead
}

temd_again() { # without a fault: it must come up
    temd_run A=
    up || BAD+=("temd does not start again: $(tail -1 "$DIR/log/now")")
}

temd_end() { # temd_end SIGNAL
    [ -n "$TEMD_PID" ] || return 0
    kill "-$1" "$TEMD_PID" 2>/dev/null
    { wait "$TEMD_PID"; } 2>/dev/null
    TEMD_PID=
}

dies() { # dies POINT: of the point, not of anything else
    local code
    await "${DIES_S:-10}" dead || { BAD+=("$1 is not reached"); temd_end KILL; return 1; }
    { wait "$TEMD_PID"; } 2>/dev/null
    code=$?
    TEMD_PID=
    want $code 137 "exit status at $1"
}

# Promise 3: the store of a temd that is dead knows each label that is on paper.
intent_first() {
    local paper=0 known printer
    for printer in "${!PAPER[@]}"; do paper=$((paper + $(drawn "$printer") - SECOND[$printer])); done
    rm -f "$DIR"/frozen/*
    cp "$DIR"/store/tem.db "$DIR"/store/tem.db-wal "$DIR/frozen/" 2>/dev/null
    known=$(sqlite3 "$DIR/frozen/tem.db" "SELECT coalesce(sum(last - first + 1), 0) FROM span
        WHERE newest = 1 AND state NOT IN ('reserved', 'unused')" 2>/dev/null)
    most "$paper" "${known:-0}" "labels on paper of which the store knows nothing"
}

store_says() { sqlite3 -readonly -cmd '.timeout 3000' "$DIR/store/tem.db" "$1" 2>/dev/null; }

# ---- orders --------------------------------------------------------------------------------------------

# send METHOD PATH [curl arguments]: STATUS and REPLAYED; the body is in $DIR/answer.
send() {
    local method=$1 path=$2 said
    shift 2
    said=$(curl -s --max-time 10 --unix-socket "$DIR/temd.sock" -X "$method" -o "$DIR/answer" \
        -w '%{http_code} %header{idempotent-replayed}' -H "Idempotency-Key: key-$KEYS" "$@" "http://localhost$path")
    STATUS=${said%% *} REPLAYED=${said##* }
}

job_body() { # job_body QUANTITY PRINTER [TEMPLATE]
    echo "{\"template\":\"${3:-medicine-pack}\",\"printer\":\"$2\",\"quantity\":$1,\"data\":{
        \"product\":\"Paracetamol\",\"gtin\":\"8938505974194\",\"lot\":\"L$LOT\",\"expiry\":\"2028-03-31\"}}"
}

# A new order: its key, its lot, its body.
order_new() { # order_new QUANTITY PRINTER [TEMPLATE]
    KEYS=$((KEYS + 1)) LOT=$((LOT + 1)) ORDERED=$1 PRINTER=$2 ORDER_STATUS='' ORDER_ID=''
    BODY=$(job_body "$@")
}

order_send() {
    send POST /v1/jobs "${JSON[@]}" -d "$BODY"
    [ "$STATUS" = 201 ] || return 0
    [[ $(<"$DIR/answer") =~ \"id\":([0-9]+) ]] && JOB=${BASH_REMATCH[1]}
    # Promise 8: whatever was answered before is answered now.
    [ -z "$ORDER_ID" ] || { want "$JOB" "$ORDER_ID" "the same key, another job"; want "$REPLAYED" true "a replay that does not say so"; }
    ORDER_STATUS=$STATUS ORDER_ID=$JOB
}

job_at_end() { # it is closed, cancelled or held
    SEEN=$(api GET "/v1/jobs/$JOB")
    case $SEEN in *'"state":"closed"'* | *'"state":"cancelled"'* | *'"state":"held"'*) ;; *) return 1 ;; esac
}

# Like finish_job; DOUBT_MOST and DOUBTS as there.
job_ends() {
    DOUBTS=0 DOUBT_MOST=0
    STEP=0.1 await 30 job_at_end
    [[ $SEEN != *'"state":"held"'* ]] ||
        finish_job "$JOB" "$PRINTER" 30 >"$DIR/finish" || BAD+=("$(cat "$DIR/finish")")
}

# ---- the judgement ---------------------------------------------------------------------------------------

token_none() { [ -z "$(compgen -G "$DIR/feed/tem-*")" ]; }
drawn_is() { [ "$(drawn "$1")" -ge "$2" ]; }

# judge_end PRINTED PAPER [STATE]: the job ended so, PAPER more labels are on the roll than before it.
judge_end() {
    PAPER[$PRINTER]=$((PAPER[$PRINTER] + $2))
    await 5 drawn_is "$PRINTER" "${PAPER[$PRINTER]}"
    want "$(store_says "SELECT state, sum((s = 'printed') * n), sum(n) = quantity, (SELECT count(*) FROM job) FROM job,
        (SELECT job_id, state AS s, last - first + 1 AS n FROM span WHERE newest = 1) WHERE job_id = id AND id = ${JOB:-0}")" \
        "${3:-closed}|$1|1|$JOBS" "state, labels printed, its states add up, jobs in the store"
    want "$(drawn "$PRINTER")" "${PAPER[$PRINTER]}" "labels on paper"
    want "$(twice "$PRINTER")" "${SECOND[$PRINTER]}" "labels on paper twice"
    await 5 token_none || BAD+=("left in the feed folder: $(ls "$DIR/feed")")
}

# What the whole run must leave behind: a ledger that verifies, clean protocols, no number twice.
judge_all() {
    local printer
    tem ledger verify >"$DIR/verify" 2>&1
    want $? 0 "tem ledger verify: $(tail -1 "$DIR/verify")"
    for printer in "${!PAPER[@]}"; do
        want "$(protocol_errors "$printer")" 0 "protocol errors of $printer"
        # shellcheck disable=SC2046
        scan_pictures $(roll_end "$printer" 10000) | sed -nE 's/^.*\x1d21(.*)$/\1/p' >"$DIR/numbers"
        want "$(wc -l <"$DIR/numbers")" "$(drawn "$printer")" "labels that a scanner reads on the roll of $printer"
        want "$(sort "$DIR/numbers" | uniq -d | wc -l)" "${SECOND[$printer]}" \
            "numbers that a scanner reads twice on the roll of $printer"
    done
    want "$(store_says 'PRAGMA integrity_check')" ok "the store"
    row_end "all of it: ledger, protocol, the numbers on the roll"
}
