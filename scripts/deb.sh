#!/usr/bin/env bash
# Packs the commit that is checked out, with its libraries, for this machine's Debian and architecture:
#   scripts/deb.sh [DIR [PROGRAM]]
# makes DIR/proximity-gateway_VERSION_ARCH.deb (DIR is dist). The same commit gives the same bytes; what is not committed stays
# out. A commit with the tag vX is version X, another one sorts before it, by its time. DEBFULLNAME and DEBEMAIL name who packs
# it. PROGRAM is a virtual environment to pack in place of one made from the locked libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
home=/usr/lib/proximity-gateway
python=/usr/bin/python3
made=${1:-dist}
program=${2:-}
mkdir -p build "$made"
made=$(realpath "$made")
[[ -z $program ]] || program=$(realpath "$program")
work=$(mktemp -d "$PWD/build/deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
papers=$root/usr/share/doc/proximity-gateway
. scripts/program.sh

main() {
    require_platform
    [[ -n $program ]] || bring_compiler
    require_python
    take_commit
    lay_program
    lay_files "$root/usr/lib" "$root/usr/share"
    lay_files_for_nfc "$root/usr/lib" "$root/usr/share"
    sed -i "s|/opt/proximity-gateway|$home|" "$root/usr/lib/systemd/system/proximity-gateway.service"
    lay_papers
    lay_control
    require_no_path_of_here
    pack
}

bring_compiler() {
    local missing=()
    missing_for_venv
    missing_for_pyscard
    bring "${missing[@]}"
}

# From here on the commit is what is worked on.
take_commit() {
    local number release
    [[ -z $(git status --porcelain) ]] || printf 'deb: what is not committed stays out\n' >&2
    mkdir "$work/commit"
    git archive HEAD | tar -x -C "$work/commit"
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
    export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 CFLAGS=-g0 LDFLAGS=-s
    number=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
    release=$(. /etc/os-release && printf %s "${VERSION_ID:-$VERSION_CODENAME}")
    git tag --points-at HEAD | grep -qx "v$number" ||
        number+="~$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$(git rev-parse --short=8 HEAD)"
    version="$number+deb$release" # of Debian 12 sorts before that of 13: an upgraded system takes the one that fits
    architecture=$(dpkg --print-architecture)
    cd "$work/commit"
}

# A virtual environment without pip, and without what installing wrote down about where and how.
lay_program() {
    mkdir -p "$root$(dirname "$home")" "$root/usr/bin"
    if [[ -n $program ]]; then
        cp -a "$program" "$root$home"
    else
        printf 'deb: the libraries (a minute or two)\n'
        "$python" -m venv "$root$home"
        fill_venv "$root$home"
        fill_venv_for_nfc "$root$home"
        "$root$home/bin/python" "${pip[@]}" uninstall -q -y setuptools pip 2>/dev/null
    fi
    sed -i '/^command/d' "$root$home/pyvenv.cfg"
    find "$root$home/bin" ! -type d ! -name 'python*' -delete
    ln -sfn ../../../bin/python3 "$root$home/bin/python3"
    rm -rf "$root$home/include" "$root$home/lib64"
    find "$root$home" -path '*.dist-info/*' \( -name RECORD -o -name INSTALLER -o -name REQUESTED -o -name direct_url.json \) -delete
    find "$root$home" -depth -name __pycache__ -exec rm -r {} +
    PYTHONDONTWRITEBYTECODE=1 "$python" -m compileall -q -s "$root" -p / --invalidation-mode unchecked-hash "$root$home/lib"
    find "$root$home" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
    install -m 755 /dev/stdin "$root$home/bin/proximity-gateway" <<LAUNCHER
#!$home/bin/python -P
import sys
from gateway.cli import main
sys.exit(main())
LAUNCHER
    ln -s ../lib/proximity-gateway/bin/proximity-gateway "$root/usr/bin/proximity-gateway"
}

lay_papers() {
    mkdir -p "$papers/examples" "$root/usr/share/man/man1"
    gzip -9n <systemd/debian/proximity-gateway.1 >"$root/usr/share/man/man1/proximity-gateway.1.gz"
    cp README.md SECURITY.md CHANGELOG.md docs/*.md "$papers"
    install -m 644 systemd/settings.example.toml "$papers/examples/settings.toml"
    install -m 644 systemd/floorplan.example.toml "$papers/examples/floorplan.toml"
    place systemd/debian/copyright "$papers/copyright"
    place systemd/debian/lintian-overrides "$root/usr/share/lintian/overrides/proximity-gateway"
    gzip -9n >"$papers/changelog.gz" <<CHANGES
proximity-gateway ($version) unstable; urgency=medium

  * What a user notices: CHANGELOG.md beside this file.

 -- $(packer)  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGES
}

packer() {
    printf '%s <%s>' "${DEBFULLNAME:-Proximity gateway}" "${DEBEMAIL:-proximity-gateway@packages.invalid}"
}

lay_control() {
    local file minor next
    minor=$("$python" -c 'import sys; print(sys.version_info.minor)')
    next=$((minor + 1))
    mkdir "$root/DEBIAN"
    for file in preinst postinst prerm postrm; do
        install -m 755 "systemd/debian/$file" "$root/DEBIAN/$file"
    done
    sed -e "s|@version@|$version|" -e "s|@architecture@|$architecture|" -e "s|@packer@|$(packer)|" \
        -e "s|@python@|python3 (>= 3.$minor), python3 (<< 3.$next)|" -e "s|@size@|$(size_kib)|" \
        systemd/debian/control >"$root/DEBIAN/control"
    (cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
}

# As Debian counts it: a file by its size rounded up, anything else as one (deb-substvars(5)).
size_kib() {
    find "$root" -printf '%y %s\n' | awk '{ sum += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print sum }'
}

require_no_path_of_here() {
    local found
    found=$(grep -rlF -e "$work" "$root" || true)
    [[ -z $found ]] || fail "a path of this machine would go into the package: $found"
}

pack() {
    local file=proximity-gateway_${version}_${architecture}.deb
    find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group --build "$root" "$work/$file" >/dev/null
    mv "$work/$file" "$made/$file"
    printf 'deb: %s\n' "$made/$file"
}

main
