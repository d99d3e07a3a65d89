#!/usr/bin/env bash
# Makes a checkout ready to work in: system packages that are missing, and .venv with the locked dependencies.
#   scripts/setup.sh [demo]
# With `demo` only what the demo runs on; otherwise what the tests need too: a browser, a database, a compiler, a system
# to boot. Run again, it does nothing in well under a second. PYTHON chooses the interpreter (default: python3).
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
wanted_for=${1:-tests}

main() {
    require_python
    install_packages
    create_venv
}

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 2
}

require_python() {
    command -v "$python" >/dev/null ||
        fail "no $python on the PATH: install Python 3.11 or newer, or name it: make setup PYTHON=/path/to/python3.11"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$("$python" --version) is too old: Python 3.11 or newer is needed (make setup PYTHON=/path/to/python3.11)"
}

install_packages() {
    local missing=()
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    has_program mosquitto || missing+=(mosquitto)
    has_program dbus-daemon || missing+=(dbus)
    compgen -G '/usr/lib/*/libzbar.so.0' >/dev/null || missing+=(libzbar0) # pyzbar links to it
    if [[ $wanted_for == tests ]]; then
        has_postgresql || missing+=(postgresql)
        has_program chromium || missing+=(chromium)
        compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null || missing+=(libatomic1) # what drives the browser links to it
        has_program iptables || missing+=(iptables) # these three spoil networks and clocks
        has_program ip || missing+=(iproute2)
        compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
        has_program systemd-nspawn || missing+=(systemd-container) # these two boot the service in a system of its own
        has_program mmdebstrap || missing+=(mmdebstrap)
        has_program mkfs.ext4 || missing+=(e2fsprogs) # small disks to fill and to fail
        has_program pcscd || missing+=(pcscd)
        compgen -G '/usr/lib/pcsc/drivers/serial/libifdvpcd.so' >/dev/null || missing+=(vsmartcard-vpcd) # a virtual NFC reader
        compgen -G '/usr/include/PCSC/winscard.h' >/dev/null || missing+=(libpcsclite-dev) # pyscard is compiled: these two
        has_program cc || missing+=(gcc libc6-dev)
        has_headers || missing+=(python3-dev)
    fi
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null ||
        fail "this system has no apt-get; install by its own means, then run again: ${missing[*]}"
    printf 'setup: installing %s\n' "${missing[*]}" >&2
    keep_services_stopped
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"
    # The demo and the tests run brokers and databases of their own; the packages' would start at the next boot.
    local service
    for service in mosquitto postgresql pcscd; do
        [[ " ${missing[*]} " == *" $service "* ]] || continue
        as_root systemctl disable "$service" &>/dev/null || as_root update-rc.d "$service" disable &>/dev/null || true
    done
}

has_program() {
    PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1" >/dev/null
}

# Debian packs Python's headers apart; other builds of Python bring them along.
has_headers() {
    "$python" -c 'import pathlib, sys, sysconfig; sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists())'
}

# Debian keeps the programs of each PostgreSQL version in a folder that is on nobody's PATH.
has_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || has_program initdb
}

# Debian starts the daemon of a package that it installs unless this policy says no (invoke-rc.d(8)).
keep_services_stopped() {
    local policy=/usr/sbin/policy-rc.d
    [[ ! -e $policy ]] || return 0
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "installing system packages needs root: run as root or install sudo; wanted: $*"
    fi
}

create_venv() {
    local made lock=dev stamp=.venv/.made-from
    made=$(cat "$stamp" 2>/dev/null || true)
    [[ $made != "$(made_from dev)" ]] || return 0 # what serves the tests serves the demo too
    if [[ $wanted_for == demo ]]; then
        lock=demo
        [[ $made != "$(made_from demo)" ]] || return 0
    fi
    rm -f "$stamp"
    venv_fits || "$python" -m venv --clear .venv
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "requirements/$lock.lock"
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    made_from "$lock" >"$stamp"
    printf 'setup: .venv is ready\n' >&2
}

made_from() {
    { "$python" --version; cat "requirements/$1.lock" pyproject.toml; } | sha256sum
}

# A system that was upgraded has a newer Python in the same place, and none of the libraries that were there.
venv_fits() {
    [[ $(.venv/bin/python --version 2>/dev/null) == "$("$python" --version)" ]] &&
        .venv/bin/python -c 'import pip' 2>/dev/null
}

main
