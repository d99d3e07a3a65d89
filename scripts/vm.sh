#!/usr/bin/env bash
# A Debian in a virtual machine (QEMU, software emulation: it needs no KVM), with this tree's gateway installed in it.
#   scripts/vm.sh make DIR [PACKAGE...]                    make DIR once, with these packages too; again, update the gateway in it
#   scripts/vm.sh boot DIR COMMAND [OPTION-OF-QEMU...]     run COMMAND in it as root; its console is stdout
# Inside, /src is this tree (read-only), /opt/proximity-gateway/bin holds the gateway and its Python, 10.0.2.2 is this machine,
# and what the guest changes on its own disk is forgotten. A -virtfs option with mount_tag=job appears as /job.
# VM_FORWARD=PORT-:PORT leads from a port of this machine's loopback to the guest's. The exit status of `boot` is 0 if
# COMMAND's was, else 1. Needs root, qemu-system-x86, mmdebstrap and systemd-container.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
suite=bookworm

usage="usage: scripts/vm.sh make DIR [PACKAGE...] | boot DIR COMMAND [OPTION-OF-QEMU...]"
main() {
    local verb=${1:?$usage} dir=${2:?$usage}
    shift 2
    [[ $dir == /* ]] || dir=$here/$dir
    case $verb in
        make) make "$dir" "$@" ;;
        boot) boot "$dir" "$@" ;;
        *) fail "$verb is neither make nor boot; $usage" ;;
    esac
}

fail() {
    printf 'vm: %s\n' "$@" >&2
    exit 2
}

make() {
    local dir=$1 packages=(systemd dbus udev kmod iproute2 bluez python3 python3-venv ca-certificates linux-image-amd64 "${@:2}")
    mkdir -p "$dir"
    exec 9>"$dir/lock"
    flock 9
    [[ $(cat "$dir/packages" 2>/dev/null) == "${packages[*]}" ]] || make_root "$dir" "${packages[@]}"
    scripts/in-root.sh "$dir/root" "--bind-ro=$PWD:/src" --chdir=/src -- scripts/install.sh >"$dir/install.log" ||
        fail "the gateway could not be installed in $dir/root; $dir/install.log says why"
    rm -f "$dir/disk"
    truncate -s 2G "$dir/disk"
    mke2fs -q -t ext4 -d "$dir/root" "$dir/disk"
}

make_root() {
    local dir=$1 included
    included=$(IFS=,; printf '%s' "${*:2}")
    rm -rf "$dir/packages" "$dir/root"
    mmdebstrap --quiet --variant=minbase --include="$included" "$suite" "$dir/root"
    write_init >"$dir/root/sbin/vm-init"
    chmod 755 "$dir/root/sbin/vm-init"
    # Debian's initrd holds every driver there is, and unpacking it is most of an emulated boot.
    printf 'MODULES=list\n' >"$dir/root/etc/initramfs-tools/conf.d/vm"
    printf 'virtio_pci\nvirtio_blk\next4\n' >>"$dir/root/etc/initramfs-tools/modules"
    chroot "$dir/root" update-initramfs -u >/dev/null
    cp "$dir/root/boot/"vmlinuz-* "$dir/kernel"
    cp "$dir/root/boot/"initrd.img-* "$dir/initrd"
    printf '%s' "${*:2}" >"$dir/packages"
}

# Process 1 of the guest. What it writes to port 0xf4 is how QEMU ends (isa-debug-exit): a panic is no success.
write_init() {
    cat <<'INIT'
#!/bin/bash
export PATH=/opt/proximity-gateway/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm /src /job
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
modprobe -a virtio_net 9pnet_virtio 9p
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 src /src
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 job /job 2>/dev/null
systemd-tmpfiles --create 2>/dev/null
ip link set lo up
interface=$(ls /sys/class/net | grep -v '^lo$' | head -n 1)
if [[ $interface ]]; then
    ip address add 10.0.2.15/24 dev "$interface"
    ip link set "$interface" up
    ip route add default via 10.0.2.2
fi
cd /src
bash -c "$JOB"
status=$?
sync
printf "\\x$(printf %02x $((status != 0)))" | dd of=/dev/port bs=1 seek=$((0xf4)) status=none
INIT
}

boot() {
    local dir=$1 job=${2:?$usage} status=0
    [[ -e $dir/disk ]] || fail "there is no virtual machine in $dir: scripts/vm.sh make $dir"
    [[ $job != *\"* ]] || fail "a command for the guest travels in double quotes and can hold none: $job"
    qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nographic -no-reboot \
        -kernel "$dir/kernel" -initrd "$dir/initrd" \
        -append "console=ttyS0 root=/dev/vda rw init=/sbin/vm-init quiet edd=off panic=-1 \"JOB=$job\"" \
        -drive "file=$dir/disk,format=raw,if=virtio,snapshot=on" \
        -virtfs "local,path=$PWD,mount_tag=src,security_model=none,readonly=on" \
        -netdev "user,id=host${VM_FORWARD:+,hostfwd=tcp:127.0.0.1:$VM_FORWARD}" \
        -device virtio-net-pci,netdev=host,romfile= -device isa-debug-exit,iobase=0xf4,iosize=1 \
        "${@:3}" </dev/null || status=$?
    ((status == 1)) # twice what the guest wrote, plus one
}

main "$@"
