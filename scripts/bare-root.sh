#!/usr/bin/env bash
# Proves that a fresh clone works on Debian 12 with nothing but git, make and python3.
#   scripts/bare-root.sh DIR [COMMAND...]
# makes such a system in DIR (once), clones HEAD into it, and runs COMMAND there (make setup) as its root, with this
# machine's network, certificates and pip configuration. Needs root, mmdebstrap and systemd-container.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:?usage: scripts/bare-root.sh DIR [COMMAND...]}
shift
command=("$@")
((${#command[@]})) || command=(make setup)

if [[ ! -e $dir/etc/debian_version ]]; then
    mmdebstrap --quiet --variant=minbase --include=git,make,python3,ca-certificates bookworm "$dir"
fi
mkdir -p "$dir/src"
rm -rf "$dir/src/project"
git clone -q --no-local . "$dir/src/project"

exec scripts/in-root.sh "$dir" --chdir=/src/project -- "${command[@]}"
