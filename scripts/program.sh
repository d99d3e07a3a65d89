# What scripts/install.sh and scripts/deb.sh share, who source it: the program and the files around it, laid where they say.
# Wants `python`, the interpreter that the program is for, and `work`, a folder to build in.
pip=(-m pip --disable-pip-version-check --no-input)

fail() {
    printf "$(basename "$0" .sh): %s\n" "$@" >&2
    exit 2
}

require_platform() {
    local architecture
    command -v dpkg >/dev/null || fail "this is for Debian and Raspberry Pi OS; docs/operations.md says what it does"
    architecture=$(dpkg --print-architecture)
    [[ $architecture == amd64 || $architecture == arm64 ]] ||
        fail "this system is $architecture: install a 64-bit one (arm64 or amd64), the libraries are built for those"
}

# Adds to `missing` what the program is made with.
missing_for_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
}

# Adds to `missing` what pyscard, which is published as source alone, is compiled with.
missing_for_pyscard() {
    [[ -e /usr/include/PCSC/winscard.h ]] || missing+=(libpcsclite-dev)
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    [[ -e $("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h ]] || missing+=(python3-dev)
}

# Installs the system packages named, if any are.
bring() {
    (($#)) || return 0
    ((EUID == 0)) || fail "this needs packages that only root can install: sudo apt-get install $*"
    printf '%s: installing %s\n' "$(basename "$0" .sh)" "$*"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@"
}

require_python() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$("$python" --version) is too old: Debian 12 has Python 3.11, Debian 13 has 3.13"
}

# Into the virtual environment $1: the libraries by their hashes; the gateway itself as a wheel, built by a hatchling that is
# locked too.
fill_venv() {
    "$1/bin/python" "${pip[@]}" install -q --require-hashes -r requirements/runtime.lock
    "$python" -m venv "$work/build"
    "$work/build/bin/python" "${pip[@]}" install -q --require-hashes -r requirements/build.lock
    "$work/build/bin/python" "${pip[@]}" wheel -q --no-deps --no-build-isolation -w "$work" .
    "$1/bin/python" "${pip[@]}" install -q --no-deps --force-reinstall "$work"/*.whl
}

# Then pyscard: its sources are known by their hashes, and so is what builds them.
fill_venv_for_nfc() {
    "$work/build/bin/python" "${pip[@]}" install -q --require-hashes -r requirements/nfc-build.lock
    PATH=$work/build/bin:$PATH "$work/build/bin/python" "${pip[@]}" wheel -q --no-deps --no-build-isolation \
        --require-hashes -r requirements/nfc.lock -w "$work/nfc"
    "$1/bin/python" "${pip[@]}" install -q --no-deps --force-reinstall "$work"/nfc/*.whl
}

# An operator's files are /etc twice, a package's are /usr/lib and, where only that is looked into, /usr/share.
lay_files() {
    local lib=$1 share=$2
    place systemd/proximity-gateway.sysusers.conf "$lib/sysusers.d/proximity-gateway.conf"
    place systemd/proximity-gateway.tmpfiles.conf "$lib/tmpfiles.d/proximity-gateway.conf"
    place systemd/proximity-gateway.dbus.conf "$share/dbus-1/system.d/proximity-gateway.conf"
    place systemd/proximity-gateway.service "$lib/systemd/system/proximity-gateway.service"
    place firmware-config/bluez/experimental.conf "$lib/systemd/system/bluetooth.service.d/proximity-gateway.conf"
    place firmware-config/udev/70-proximity-gateway.rules "$lib/udev/rules.d/70-proximity-gateway.rules"
}

lay_files_for_nfc() {
    local lib=$1 share=$2
    place firmware-config/modprobe/70-proximity-gateway.conf "$lib/modprobe.d/70-proximity-gateway.conf"
    place systemd/proximity-gateway.polkit.rules "$share/polkit-1/rules.d/70-proximity-gateway.rules"
}

place() {
    install -D -m 644 "$1" "$2"
}
