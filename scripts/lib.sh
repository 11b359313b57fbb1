# What the other scripts share: the root of the checkout, a Python, and a virtual environment from the hashed lock.
# POSIX sh, to be sourced after `set -eu`. VENV says where the environment is (default: .venv in the checkout).

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
VENV=${VENV:-$root/.venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if is_recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found. Install it, or name it: PYTHON=/path/to/python3 $0"
}

checksum() { "$1" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$2"; }

# ensure_venv LOCK...: an environment with what the first LOCK lists; a later LOCK that is installed will do as well.
ensure_venv() {
    python=$(find_python)
    for lock in "$@"; do
        if [ -x "$VENV/bin/python" ] && [ "$(cat "$VENV/$lock.installed" 2>/dev/null)" = "$(checksum "$python" "$lock")" ]; then
            return
        fi
    done
    lock=$1
    say "Installing what $lock lists into $VENV …"
    # Made anew: what an older lock had and this one has not would stay otherwise.
    "$python" -m venv --clear "$VENV" || fail "Python cannot make a virtual environment here (Debian, Ubuntu: apt-get install python3-venv)."
    "$VENV/bin/python" -m pip install -qq --require-hashes -r "$lock" ||
        fail "The packages could not be installed; the lines above say why. Nothing else was changed."
    checksum "$python" "$lock" >"$VENV/$lock.installed"
}
