#!/bin/sh
# Makes a virtualenv from the hashed lock: install.sh VENV [WHEEL]
# Installs the wheel if one is given, else this checkout in editable form.
# Uses uv when it is on PATH, else the Python's own venv and pip.
set -eu

venv=$1
wheel=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
lock=$root/requirements/dev.txt

fail() {
    echo "firstwatch: $*" >&2
    exit 1
}

recent() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    found=$("${PYTHON:-python3}" --version 2>&1) || found="none that runs"
    fail "needs Python 3.11 or newer, found $found; name one with PYTHON=/path/to/python3"
}

version() {
    "$1" -c 'import sys; print(*sys.version_info[:3], sys.implementation.cache_tag)' 2>/dev/null
}

python=$(find_python)
uv=
if uv --version >/dev/null 2>&1; then
    uv=yes
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    fail "$python has no ensurepip; install its venv package (python3-venv on Debian) or name another with PYTHON="
fi

# A virtualenv made elsewhere, or by another Python than the one asked for, is made anew.
place="$root $venv"
if [ "$(cat "$venv/.place" 2>/dev/null)" != "$place" ] || ! recent "$venv/bin/python" ||
    { [ -n "${PYTHON:-}" ] && [ "$(version "$venv/bin/python")" != "$(version "$python")" ]; }; then
    rm -rf "$venv"
    "$python" -m venv --without-pip "$venv"
    printf '%s\n' "$place" >"$venv/.place"
fi

echo "firstwatch: installing into $venv ($("$venv/bin/python" --version))" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
[ -w "${HOME:-/}" ] || export PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1

install() {
    if [ -n "$uv" ]; then
        uv pip install --quiet --python "$venv/bin/python" "$@" && return
        # pip may know an index or a certificate that uv was not told of.
        echo "firstwatch: uv could not install, trying pip" >&2
        uv=
    fi
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
    "$venv/bin/python" -m pip install --quiet --no-compile "$@"
}

install --require-hashes --only-binary :all: -r "$lock"
if [ -n "$wheel" ]; then
    install --no-deps --no-index "$wheel"
else
    install --no-deps --no-index --no-build-isolation --editable "$root"
fi
