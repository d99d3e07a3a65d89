#!/usr/bin/env bash
# Installs this checkout as a service on Debian 12 or 13 or Raspberry Pi OS (64 bit). Run again, it updates what it installed;
# settings, floor plan and state are never touched. scripts/uninstall.sh takes it away again.
#   scripts/install.sh [nfc]
# With `nfc` also what an NFC reader needs: pcscd, the gateway's right to ask it, and pyscard, which is compiled here. Once
# asked for, every update brings it along.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
home=/opt/proximity-gateway
settings=/etc/proximity-gateway
nfc_rule=/etc/polkit-1/rules.d/70-proximity-gateway.rules
python=${PYTHON:-/usr/bin/python3}
wanted=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
    [[ -z $wanted || $wanted == nfc ]] || fail "there is no part named $wanted: write nfc, or nothing"
    require_root
    require_platform
    install_packages
    install_files
    install_gateway
    ! wants_nfc || install_nfc
    install_examples
    tell_systemd
    say_what_is_next
}

fail() {
    printf 'install: %s\n' "$@" >&2
    exit 2
}

require_root() {
    ((EUID == 0)) || fail "this writes to /opt and /etc: run it as root (sudo make install)"
}

require_platform() {
    local architecture
    command -v dpkg >/dev/null || fail "this is for Debian and Raspberry Pi OS; docs/operations.md says what it does"
    architecture=$(dpkg --print-architecture)
    [[ $architecture == amd64 || $architecture == arm64 ]] ||
        fail "this system is $architecture: install a 64-bit one (arm64 or amd64), the libraries are built for those"
}

install_packages() {
    local missing=()
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    [[ -e /usr/bin/dbus-daemon ]] || missing+=(dbus)
    compgen -G '/usr/lib/*/libzbar.so.0' >/dev/null || missing+=(libzbar0) # pyzbar links to it
    [[ -e /usr/libexec/bluetooth/bluetoothd ]] || missing+=(bluez)
    ! wants_nfc || missing_for_nfc
    if ((${#missing[@]})); then
        printf 'install: installing %s\n' "${missing[*]}"
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"
    fi
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$("$python" --version) is too old: Debian 12 has Python 3.11, Debian 13 has 3.13"
}

# Asked for now, or at an earlier time.
wants_nfc() {
    [[ $wanted == nfc || -e $nfc_rule ]]
}

missing_for_nfc() {
    [[ -e /usr/sbin/pcscd ]] || missing+=(pcscd)
    [[ -e /usr/lib/polkit-1/polkitd || -e /usr/libexec/polkitd ]] || missing+=(polkitd) # pcscd asks it since Debian 13
    [[ -e /usr/include/PCSC/winscard.h ]] || missing+=(libpcsclite-dev)
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    [[ -e $("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h ]] || missing+=(python3-dev)
}

install_files() {
    place systemd/proximity-gateway.sysusers.conf /etc/sysusers.d/proximity-gateway.conf
    place systemd/proximity-gateway.tmpfiles.conf /etc/tmpfiles.d/proximity-gateway.conf
    place systemd/proximity-gateway.dbus.conf /etc/dbus-1/system.d/proximity-gateway.conf
    place systemd/proximity-gateway.service /etc/systemd/system/proximity-gateway.service
    place firmware-config/bluez/experimental.conf /etc/systemd/system/bluetooth.service.d/proximity-gateway.conf
    place firmware-config/udev/70-proximity-gateway.rules /etc/udev/rules.d/70-proximity-gateway.rules
    systemd-sysusers proximity-gateway.conf
}

place() {
    install -D -m 644 "$1" "$2"
}

# The libraries by their hashes; the gateway itself as a wheel, built by a hatchling that is locked too.
install_gateway() {
    local pip=(-m pip --disable-pip-version-check --no-input)
    printf 'install: %s (a minute or two the first time)\n' "$home"
    # After an upgrade of Debian its Python is a newer one, and knows none of the libraries that are there.
    "$home/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$home"
    "$home/bin/python" "${pip[@]}" install -q --require-hashes -r requirements/runtime.lock
    "$python" -m venv "$work/build"
    "$work/build/bin/python" "${pip[@]}" install -q --require-hashes -r requirements/build.lock
    "$work/build/bin/python" "${pip[@]}" wheel -q --no-deps --no-build-isolation -w "$work" .
    "$home/bin/python" "${pip[@]}" install -q --no-deps --force-reinstall "$work"/*.whl
    ln -sfn "$home/bin/proximity-gateway" /usr/local/bin/proximity-gateway
}

# Its sources are known by their hashes, and so is what builds them.
install_nfc() {
    local pip=(-m pip --disable-pip-version-check --no-input)
    printf 'install: pyscard (half a minute)\n'
    "$work/build/bin/python" "${pip[@]}" install -q --require-hashes -r requirements/nfc-build.lock
    PATH=$work/build/bin:$PATH "$work/build/bin/python" "${pip[@]}" wheel -q --no-deps --no-build-isolation \
        --require-hashes -r requirements/nfc.lock -w "$work/nfc"
    "$home/bin/python" "${pip[@]}" install -q --no-deps --force-reinstall "$work"/nfc/*.whl
    place firmware-config/modprobe/70-proximity-gateway.conf /etc/modprobe.d/70-proximity-gateway.conf
    place systemd/proximity-gateway.polkit.rules "$nfc_rule"
}

install_examples() {
    systemd-tmpfiles --create proximity-gateway.conf
    local file
    for file in settings floorplan; do
        install -m 640 -g proximity-gateway "systemd/$file.example.toml" "$settings/$file.example.toml"
        [[ -e $settings/$file.toml ]] ||
            install -m 640 -g proximity-gateway "systemd/$file.example.toml" "$settings/$file.toml"
    done
}

tell_systemd() {
    [[ -d /run/systemd/system ]] || return 0
    systemctl daemon-reload
    systemctl reload dbus.service 2>/dev/null || true
    systemctl try-restart bluetooth.service 2>/dev/null || true
    udevadm control --reload 2>/dev/null || true
    ! wants_nfc || systemctl enable -q --now pcscd.socket
    systemctl try-restart proximity-gateway.service
}

say_what_is_next() {
    cat <<NEXT
install: done. What is next:
  1. write $settings/settings.toml and floorplan.toml (examples of every key: docs/settings.md, docs/wire.md)
  2. proximity-gateway check      says what is wrong with them
  3. proximity-gateway doctor     says what this machine lacks
  4. systemctl enable --now proximity-gateway
NEXT
}

main
