#!/usr/bin/env bash
# Takes away what scripts/install.sh installed. Settings, state and the account stay: they hold what head office has not got yet.
set -euo pipefail
((EUID == 0)) || { printf 'uninstall: run it as root (sudo make uninstall)\n' >&2; exit 2; }

running=
[[ ! -d /run/systemd/system ]] || running=yes
if [[ -n $running && -e /etc/systemd/system/proximity-gateway.service ]]; then
    systemctl disable --now proximity-gateway.service
fi
rm -rf /opt/proximity-gateway
rm -f /usr/local/bin/proximity-gateway \
    /etc/systemd/system/proximity-gateway.service \
    /etc/systemd/system/bluetooth.service.d/proximity-gateway.conf \
    /etc/dbus-1/system.d/proximity-gateway.conf \
    /etc/udev/rules.d/70-proximity-gateway.rules \
    /etc/polkit-1/rules.d/70-proximity-gateway.rules \
    /etc/modprobe.d/70-proximity-gateway.conf \
    /etc/sysusers.d/proximity-gateway.conf \
    /etc/tmpfiles.d/proximity-gateway.conf
rmdir --ignore-fail-on-non-empty /etc/systemd/system/bluetooth.service.d 2>/dev/null || true
if [[ -n $running ]]; then
    systemctl daemon-reload
    systemctl reload dbus.service 2>/dev/null || true
    systemctl try-restart bluetooth.service 2>/dev/null || true
    udevadm control --reload 2>/dev/null || true
fi
cat <<LEFT
uninstall: done. Left, with what head office may not have got yet:
  rm -r /var/lib/proximity-gateway /etc/proximity-gateway && userdel proximity-gateway
LEFT
