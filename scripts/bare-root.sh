#!/usr/bin/env bash
# Proves that a fresh clone works on a Debian with nothing but git, make and python3.
#   scripts/bare-root.sh DIR [COMMAND...]
# makes such a system in DIR (once), clones HEAD into it, and runs COMMAND there (make setup), with this machine's network,
# certificates and pip configuration. BARE_ROOT_SUITE is the Debian (bookworm); BARE_ROOT_USER is who runs COMMAND: root,
# or another name, who then has sudo. BARE_ROOT_BESIDE names a folder to show beside the clone (recordings for tests).
# BARE_ROOT_ARCHITECTURE is another processor's Debian (arm64), which runs emulated: slowly, and sudo does not work in it.
# Needs root, mmdebstrap and systemd-container; for another processor also qemu-user-static and arch-test.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:?usage: scripts/bare-root.sh DIR [COMMAND...]}
shift
command=("$@")
((${#command[@]})) || command=(make setup)
user=${BARE_ROOT_USER:-root}
architecture=${BARE_ROOT_ARCHITECTURE:-$(dpkg --print-architecture)}

if [[ ! -e $dir/etc/debian_version ]]; then
    mkdir -p "$(dirname "$dir")"
    mmdebstrap --quiet --variant=minbase --architectures="$architecture" \
        --include=git,make,python3,ca-certificates "${BARE_ROOT_SUITE:-bookworm}" "$dir"
fi
if [[ $user != root ]] && ! grep -q "^$user:" "$dir/etc/passwd"; then
    scripts/in-root.sh "$dir" --hostname=localhost -- bash -euc "
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends sudo
        useradd --create-home --shell /bin/bash --groups sudo $user
        printf '%s ALL=(ALL) NOPASSWD: ALL\n' $user >/etc/sudoers.d/$user"
fi
mkdir -p "$dir/src"
rm -rf "$dir/src/project"
git clone -q --no-local . "$dir/src/project"
scripts/in-root.sh "$dir" -- chown -R "$user" /src/project

options=("--chdir=/src/project" "--user=$user" --hostname=localhost)
[[ -z ${BARE_ROOT_BESIDE:-} ]] || options+=("--bind-ro=$BARE_ROOT_BESIDE:/src/$(basename "$BARE_ROOT_BESIDE")")
exec scripts/in-root.sh "$dir" "${options[@]}" -- "${command[@]}"
