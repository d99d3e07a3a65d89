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
. scripts/program.sh

main() {
    [[ -z $wanted || $wanted == nfc ]] || fail "there is no part named $wanted: write nfc, or nothing"
    require_root
    require_platform
    require_systemd
    require_no_package
    install_packages
    install_files
    install_gateway
    ! wants_nfc || install_nfc
    install_examples
    tell_systemd
    say_what_is_next
}

require_root() {
    ((EUID == 0)) || fail "this writes to /opt and /etc: run it as root (sudo make install)"
}

# Said before anything is laid; a container without it has nothing to start the service by.
require_systemd() {
    command -v systemd-sysusers >/dev/null || fail "this system has no systemd, which runs the service: apt-get install systemd"
}

# Its unit would be in the way of the package's.
require_no_package() {
    [[ ! -e /usr/lib/proximity-gateway ]] ||
        fail "the package proximity-gateway is installed: update that, or first take it away (apt-get remove proximity-gateway)"
}

install_packages() {
    local missing=()
    missing_for_venv
    [[ -e /usr/bin/dbus-daemon ]] || missing+=(dbus)
    compgen -G '/usr/lib/*/libzbar.so.0' >/dev/null || missing+=(libzbar0) # pyzbar links to it
    [[ -e /usr/libexec/bluetooth/bluetoothd ]] || missing+=(bluez)
    ! wants_nfc || missing_for_nfc
    bring "${missing[@]}"
    require_python
}

# Asked for now, or at an earlier time.
wants_nfc() {
    [[ $wanted == nfc || -e $nfc_rule ]]
}

missing_for_nfc() {
    [[ -e /usr/sbin/pcscd ]] || missing+=(pcscd)
    [[ -e /usr/lib/polkit-1/polkitd || -e /usr/libexec/polkitd ]] || missing+=(polkitd) # pcscd asks it since Debian 13
    missing_for_pyscard
}

install_files() {
    lay_files /etc /etc
    systemd-sysusers proximity-gateway.conf
}

install_gateway() {
    printf 'install: %s (a minute or two the first time)\n' "$home"
    # After an upgrade of Debian its Python is a newer one, and knows none of the libraries that are there.
    "$home/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$home"
    fill_venv "$home"
    ln -sfn "$home/bin/proximity-gateway" /usr/local/bin/proximity-gateway
}

install_nfc() {
    printf 'install: pyscard (half a minute)\n'
    fill_venv_for_nfc "$home"
    lay_files_for_nfc /etc /etc
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
