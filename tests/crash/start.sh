#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# temd dies of its first start at every pass of a point, of a copy that is made, of one that is put
# back, of a store that was set back behind its back, of a printer that is gone from temd.yaml, of a
# token that nobody knows; and `tem printer` dies of a queue that it makes.
. "${srcdir:-.}/tests/crash/lib.sh"
flow_once
flow_needs ZXingReader sqlite3

setup() {
    cups_start || exit 1
    crash_printer p1 --speed-mm-s 0
    crash_config p1:zpl-203
    sed -e 's/^printers:.*/printers: []/' -e '/- {name: p1/,/stock:/d' "$DIR/temd.yaml" >"$DIR/bare.yaml"
    temd_again
    ROW=0
}

job_has() { [[ $(api GET "/v1/jobs/$JOB") == *"$1"* ]]; }
epoch() { store_says "SELECT value FROM meta WHERE key = 'epoch'"; }

prints() { # what follows prints: a job of one label
    order_new 1 p1
    order_send
    JOBS=$(store_says 'SELECT count(*) FROM job')
    job_ends
    judge_end 1 1
}

ledger_whole() {
    tem ledger verify >"$DIR/verify" 2>&1
    want $? 0 "tem ledger verify: $(tail -1 "$DIR/verify")"
}

# ---- the first start: nothing is there; dead twice, then up as if nothing had been
run_first() { # run_first POINT FAULT PASS
    local n=0 last=${3/all/100} CONFIG=bare.yaml # without printers it starts fast
    [ "$3" = all ] || n=$((last - 1))
    while [ $n -lt "$last" ]; do
        n=$((n + 1))
        temd_end KILL
        rm -rf "$DIR/store" "$DIR/keys"
        temd_run "TEM_FAULT=$1:$n"
        if up; then
            [ "$3" = all ] && [ $n -gt 1 ] || BAD+=("$1, pass $n, is not reached")
            break
        fi
        dies "$1:$n"
        [ $n -gt 1 ] || { temd_run "TEM_FAULT=$1:$n"; temd_end KILL; }
        temd_again
        want "$(store_says "SELECT (SELECT value FROM meta WHERE key = 'epoch'), count(*), count(DISTINCT series), (SELECT count(*)
            FROM event WHERE CAST(body AS TEXT) LIKE '%\"series.generation\"%') FROM generation")" "1|4|4|4" \
            "pass $n: epoch, generations, series, events about generations"
    done
    temd_end KILL
    CONFIG=temd.yaml
    temd_again
    ledger_whole
    prints
}

# ---- a copy
run_backup() {
    local code copy=$DIR/copy-$((ROW += 1)).db
    prints
    env "TEM_FAULT=$2" "$TEM_TEMD" --config "$DIR/temd.yaml" --backup "$copy" >"$DIR/said" 2>&1
    want $? 137 "exit status at $1"
    # What has the name of a copy is one.
    [ ! -f "$copy" ] || want "$(sqlite3 "$copy" 'PRAGMA integrity_check' 2>&1)" ok "the copy that has its name"
    "$TEM_TEMD" --config "$DIR/temd.yaml" --backup "$copy" >"$DIR/said" 2>&1
    code=$?
    [ $code = 0 ] || grep -q 'is there already' "$DIR/said" || BAD+=("once more: $code $(cat "$DIR/said")")
    want "$(sqlite3 "$copy" 'SELECT count(*) FROM job' 2>&1)" "$JOBS" "jobs in the copy"
    want "$(ls "$copy"* | wc -l)" 1 "files of the copy: $(ls "$DIR" | grep copy- | tr '\n' ' ')"
    prints
}

# The witness outside the store knows all of it; else nobody could tell an older store.
all_signed() {
    [[ $(tail -qn 1 "$DIR"/keys/ledger-*.witness) =~ \"size\":([0-9]+) ]] &&
        [ "${BASH_REMATCH[1]}" = "$(store_says 'SELECT max(seq) FROM event')" ]
}

# ---- an older store. A is on its way when it is copied and prints then; B, when asked for, is unknown to it.
older() { # older HOW [B]: HOW makes the copy
    cupsdisable p1
    order_new 2 p1
    order_send
    A=$JOB B=
    await 10 job_has '"sending":2'
    "$1"
    cupsenable p1
    job_ends
    judge_end_of "$A" 2
    [ -z "${2:-}" ] || { prints; B=$JOB; }
    STEP=0.2 await 5 all_signed || BAD+=("the witness does not know the newest events")
    temd_end KILL
}

judge_end_of() { # paper only: the store may be any of two
    PAPER[p1]=$((PAPER[p1] + $2))
    await 5 drawn_is p1 "${PAPER[p1]}"
    want "$(drawn p1)" "${PAPER[p1]}" "labels on paper"
}

# Whichever store it is now: it says what it knows, a person looks at the roll, and it prints on.
goes_on() {
    JOB=$A PRINTER=p1
    want "$(curl -s --unix-socket "$DIR/temd.sock" http://localhost/healthz | jq -r .status)" ok "healthz"
    [ "$(job_state "$A")" != open ] || BAD+=("the job goes on by itself: $(job_field "$A" .counts)")
    SCAN_ROLL=5 job_ends
    judge_end_of "$A" 0
    want "$(job_state "$A") $(labels_in "$A" printed)" "closed 2" "the job that was on its way"
    prints
    ledger_whole
}

# Dead as often as the point is passed again, so that what each start appends makes the older store
# longer than its witness knows it.
starts_die() { # starts_die POINT FAULT
    temd_run "TEM_FAULT=$2"
    dies "$1"
    for _ in 2 3 4 5; do
        temd_run "TEM_FAULT=$2"
        dead || break
        temd_end KILL
    done
    temd_end KILL
    temd_again
}

copy_made() {
    COPY=$DIR/copy-$((ROW += 1)).db
    "$TEM_TEMD" --config "$DIR/temd.yaml" --backup "$COPY" >"$DIR/said" 2>&1 || BAD+=("backup: $(cat "$DIR/said")")
}
put_back() { # put_back [FAULT]
    env "TEM_FAULT=${1:-}" "$TEM_TEMD" --config "$DIR/temd.yaml" --restore "$COPY" >"$DIR/said" 2>&1
}

run_restore() { # dies, and it is said again
    local before
    before=$(epoch)
    older copy_made B
    put_back "$2"
    want $? 137 "exit status at $1"
    put_back "" || BAD+=("once more: $(cat "$DIR/said")")
    temd_again
    want "$(epoch)" $((before + 1)) "epoch"
    goes_on
}

run_restore-left() { # dies, and temd is started as if it had been done, or not
    older copy_made B
    put_back "$2"
    want $? 137 "exit status at $1"
    temd_again
    goes_on
}

# Put back; the start that renews it dies, twice.
renewed() { # renewed POINT FAULT B
    local before
    before=$(epoch)
    older copy_made "$3"
    put_back || BAD+=("restore: $(cat "$DIR/said")")
    starts_die "$1" "$2"
    [ "$(epoch)" -gt "$before" ] || BAD+=("no new epoch: $(epoch)")
    goes_on
}
run_renew() { renewed "$1" "$2" ""; }
run_renew-late() { renewed "$1" "$2" B; }

store_kept() {
    rm -rf "$DIR/yesterday"
    mkdir "$DIR/yesterday"
    cp "$DIR"/store/tem.db* "$DIR/yesterday/"
}

# The same with a store that somebody set back.
set_back() {
    local before
    before=$(epoch)
    older store_kept "$3"
    rm -rf "$DIR/store"
    mv "$DIR/yesterday" "$DIR/store"
    starts_die "$1" "$2"
    [ "$(epoch)" -gt "$before" ] || BAD+=("no new epoch: $(epoch)")
    goes_on
}
run_behind() { set_back "$1" "$2" ""; }
run_behind-late() { set_back "$1" "$2" B; }

# ---- a printer that is gone from temd.yaml: its chunk is settled, its job held
run_gone() {
    cupsdisable p1
    order_new 2 p1
    order_send
    await 10 job_has '"sending":2'
    temd_end KILL
    local CONFIG=bare.yaml
    starts_die "$1" "$2"
    await 5 job_has '"state":"held"' || BAD+=("the job is not held")
    want "$(labels_in "$JOB" reserved)" 2 "labels that were not sent"
    temd_end KILL
    CONFIG=temd.yaml
    temd_again
    cupsenable p1
    JOBS=$(store_says 'SELECT count(*) FROM job')
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

# ---- a token that nothing was committed for is swept
run_lone() {
    order_new 2 p1
    temd_end TERM
    temd_run TEM_FAULT=dispatch.commit.before
    order_send
    dies dispatch.commit.before
    starts_die "$1" "$2"
    order_send
    JOBS=$(store_says 'SELECT count(*) FROM job')
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

# ---- the witness's file is full: it becomes FILE.old
run_rotate() {
    local file
    temd_end TERM
    file=$(ls "$DIR"/keys/ledger-*.witness)
    tail -1 "$file" | awk '{ for (i = 0; i * length($0) < 4 * 1024 * 1024; i++) print }' >>"$file"
    temd_run "TEM_FAULT=$2"
    dies "$1"
    temd_again
    ledger_whole
    prints
    want "$(curl -s --unix-socket "$DIR/temd.sock" http://localhost/healthz | jq -r .status)" ok "healthz"
}

# ---- a queue that is made or removed
queue_fit() { lpstat -p q9 2>/dev/null | grep -q enabled && [[ $(lpstat -v q9) == *"socket://127.0.0.1:${PORTS[p1]}/"* ]]; }

printer_add() { TMPDIR=$DIR tem printer add q9 --device "socket://127.0.0.1:${PORTS[p1]}" --model zpl-203 --stock 50x30 --gap 3 \
    --config "$DIR/temd.yaml" --ppd "$BUILD/drivers/feed/tem.ppd" >"$DIR/said" 2>&1; }

run_queue-add() {
    lpadmin -x q9 2>/dev/null
    TEM_FAULT=$2 printer_add
    want $? 137 "exit status at $1"
    printer_add || BAD+=("once more: $(tail -3 "$DIR/said")")
    queue_fit || BAD+=("the queue is not fit: $(lpstat -v q9 2>&1)")
}

run_queue-remove() {
    queue_fit || printer_add
    TEM_FAULT=$2 tem printer remove q9 --yes --config "$DIR/temd.yaml" >"$DIR/said" 2>&1
    want $? 137 "exit status at $1"
    tem printer remove q9 --yes --config "$DIR/temd.yaml" >"$DIR/said" 2>&1
    lpstat -p q9 >/dev/null 2>&1 && BAD+=("the queue is still there: $(tail -3 "$DIR/said")")
}

crash_run temd,tem first backup restore restore-left renew renew-late behind behind-late gone lone rotate queue-add queue-remove
