#!/usr/bin/env bash
# A whole gateway on a real kernel and a real bluetoothd in a virtual machine.
#   scripts/vm-bluetooth.sh [DIR] [bluetooth | check_ins]
# bluetooth: its adapter hears 40 packets a second, is unplugged, switched off, and loses bluetoothd and D-Bus. Exit 0:
# members were seen, after each fault it scanned again within 30 s, and nobody left meanwhile. Four minutes.
# check_ins: phones connect to it, read and write as ATT does, and check in. Exit 0: they met what those of the simulated
# BlueZ meet. One minute.
# Prints what was found. The machine is made in build/vm once (two minutes, 3 GB); the verdict and what each daemon said
# go to DIR (build/vm-bluetooth). Needs what scripts/vm.sh needs.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
job=${1:-$PWD/build/vm-bluetooth}
[[ $job == /* ]] || job=$here/$job
scene=${2:-bluetooth}
machine=${PROXIMITY_VM:-$PWD/build/vm}

scripts/vm.sh make "$machine"
rm -rf "$job"
mkdir -p "$job"
booted=0
scripts/vm.sh boot "$machine" "python -m tests.vm.$scene /job" \
    -virtfs "local,path=$job,mount_tag=job,security_model=none" >"$job/console.log" || booted=$?
((booted == 0)) || tail -n 30 "$job/console.log"
[[ -e $job/report.txt ]] && cat "$job/report.txt"
exit "$booted"
