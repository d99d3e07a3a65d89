#!/usr/bin/env bash
# A camera of Video4Linux in a virtual machine: a real kernel's driver (vivid) streams to our camera source, the device is pulled
# out while it streams, and put back.
#   scripts/vm-camera.sh [DIR]
# Prints what was seen and how it recovered; exit 0 if all was. The machine is made in build/vm once (two minutes, 3 GB), a run takes
# two minutes; the report goes to DIR (build/vm-camera). Needs what scripts/vm.sh needs.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
job=${1:-$PWD/build/vm-camera}
[[ $job == /* ]] || job=$here/$job
machine=${PROXIMITY_VM:-$PWD/build/vm}

scripts/vm.sh make "$machine"
rm -rf "$job"
mkdir -p "$job"
booted=0
scripts/vm.sh boot "$machine" "python -m tests.vm.camera /job" \
    -virtfs "local,path=$job,mount_tag=job,security_model=none" >"$job/console.log" || booted=$?
((booted == 0)) || tail -n 30 "$job/console.log"
[[ -e $job/report.txt ]] && cat "$job/report.txt"
exit "$booted"
