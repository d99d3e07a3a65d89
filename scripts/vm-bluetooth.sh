#!/usr/bin/env bash
# A whole gateway on a real kernel and a real bluetoothd in a virtual machine, whose adapter hears 40 packets a second, is
# unplugged, switched off, and loses bluetoothd and D-Bus.
#   scripts/vm-bluetooth.sh [DIR]
# Prints what was heard and how it recovered. Exit 0: members were seen, after each fault it scanned again within 30 s, and
# nobody left meanwhile. The machine is made in build/vm once (two minutes, 3 GB), a run takes four minutes; the verdict and
# what each daemon said go to DIR (build/vm-bluetooth). Needs what scripts/vm.sh needs.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
job=${1:-$PWD/build/vm-bluetooth}
[[ $job == /* ]] || job=$here/$job
machine=${PROXIMITY_VM:-$PWD/build/vm}

scripts/vm.sh make "$machine"
rm -rf "$job"
mkdir -p "$job"
booted=0
scripts/vm.sh boot "$machine" "python -m tests.vm.bluetooth /job" \
    -virtfs "local,path=$job,mount_tag=job,security_model=none" >"$job/console.log" || booted=$?
((booted == 0)) || tail -n 30 "$job/console.log"
[[ -e $job/report.txt ]] && cat "$job/report.txt"
exit "$booted"
