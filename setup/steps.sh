# How set-up talks: one line a step with its time, everything else to a log, and a way out when something fails.
# shellcheck shell=bash

# run_step TITLE HINT COMMAND...: run the command; when it fails, show the end of its output and the hint, and stop.
run_step() {
    local title=$1 hint=$2 started=$SECONDS output status
    shift 2
    printf '  %-46s' "$title"
    output=$(mktemp)
    set +e
    (set -eu && "$@") >"$output" 2>&1
    status=$?
    set -e
    { echo "=== $title"; cat "$output"; } >>"$SETUP_LOG"
    if [ "$status" -eq 0 ]; then
        echo "$((SECONDS - started)) s"
    else
        printf 'FAILED after %d s\n\n' "$((SECONDS - started))"
        tail -n 25 "$output" | sed 's/^/    /'
        printf '\n%s\nThe whole output: %s\n' "$hint" "$SETUP_LOG"
    fi
    rm -f "$output"
    [ "$status" -eq 0 ] || exit 1
}

# run_step_once NAME KEY TITLE HINT COMMAND...: the same, unless it already succeeded in this .venv under the same key.
run_step_once() {
    local stamp=.venv/stamps/$1 key=$2
    shift 2
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then
        printf '  %-46sin place\n' "$1"
        return
    fi
    rm -f "$stamp"
    run_step "$@"
    mkdir -p .venv/stamps
    echo "$key" >"$stamp"
}

# digest FILE...: one hash over names and contents.
digest() {
    sha256sum "$@" | sha256sum | cut -c1-16
}

# stop MESSAGE: nothing can go on.
stop() {
    printf '\n%s\n' "$1"
    exit 1
}
