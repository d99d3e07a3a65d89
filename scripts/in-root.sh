#!/usr/bin/env bash
# Runs a command in a root filesystem, as its root, with this machine's network, certificates and pip configuration.
#   scripts/in-root.sh DIR [OPTION-OF-SYSTEMD-NSPAWN...] -- COMMAND...
# Needs root and systemd-container. BARE_ROOT_SHARES names more paths of this machine to show inside.
set -euo pipefail
dir=${1:?usage: scripts/in-root.sh DIR [OPTION-OF-SYSTEMD-NSPAWN...] -- COMMAND...}
shift

# What a registry is reached with, if this machine has it: names, certificates, pip's own files.
shared=()
for path in /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf ${BARE_ROOT_SHARES:-}; do
    [[ ! -e $path ]] || shared+=("--bind-ro=$path")
done
for name in $(compgen -e | grep -E '^(PIP_|SSL_CERT|https?_proxy$|no_proxy$)' || true); do
    shared+=("--setenv=$name=${!name}")
done
pip_config=${XDG_CONFIG_HOME:-$HOME/.config}/pip
[[ ! -d $pip_config ]] || shared+=("--bind-ro=$pip_config:/etc/xdg/pip")

# --as-pid2: something has to reap what tests leave behind for process 1.
exec systemd-nspawn --quiet --as-pid2 --directory="$dir" --register=no --keep-unit --resolv-conf=copy-host "${shared[@]}" "$@"
