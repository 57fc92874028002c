#!/bin/sh
# The steps of the Dockerfile in a clean root, without an engine of containers: a Debian of its own
# (debootstrap), the project's files as .dockerignore lets them through, deploy/install.sh, and then
# every command as a user without a name on a file system that is mounted read-only.
# Needs root, `debootstrap`, and the addresses of Debian's packages as this machine has them.
set -eu
root=$(mktemp -d /tmp/sfcc_cin7_root_XXXXXX)
chmod 755 "$root"
trap 'umount -l "$root/proc" "$root" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
mirror=${DEBIAN_MIRROR:-$(sed -n 's/^URIs: *//p;s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) bookworm .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)}
echo "1. A Debian with Python"
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$root" "$mirror" >/dev/null
cp /etc/resolv.conf /etc/hosts "$root/etc/"
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
[ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/"
[ ! -f /etc/xdg/pip/pip.conf ] || { mkdir -p "$root/etc/xdg/pip"; cp /etc/xdg/pip/* "$root/etc/xdg/pip/"; }
echo "2. The project's files"
mkdir -p "$root/src" "$root/srv/sfcc_cin7" "$root/var/lib/sfcc_cin7"
tar -cf - --exclude=__pycache__ deploy/requirements.lock deploy/build.lock deploy/install.sh pyproject.toml README.md sfcc_cin7 sfcc_cin7_sandbox | tar -xf - -C "$root/src"
cp -r dagster.yaml deploy/workspace.yaml config "$root/srv/sfcc_cin7/"
mount -t proc proc "$root/proc"
echo "3. deploy/install.sh"
chroot "$root" sh -c 'cd /src && sh deploy/install.sh /opt/sfcc_cin7'
rm -r "$root/src"
chown 10001:10001 "$root/var/lib/sfcc_cin7"
echo "4. As nobody, on a read-only file system"
mount --bind "$root" "$root"
mount -o remount,ro,bind "$root"
mount -t tmpfs -o uid=10001,gid=10001,mode=0700 tmpfs "$root/var/lib/sfcc_cin7"
mount -t tmpfs tmpfs "$root/tmp"
trap 'umount -l "$root/tmp" "$root/var/lib/sfcc_cin7" "$root" 2>/dev/null || true; umount -l "$root/proc" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
inside() {
    chroot --userspec=10001:10001 "$root" env -i PATH=/opt/sfcc_cin7/bin:/usr/bin:/bin HOME=/var/lib/sfcc_cin7 \
        DAGSTER_HOME=/srv/sfcc_cin7 SFCC_CIN7_STATE=/var/lib/sfcc_cin7 "$@"
}
inside sh -c 'cd /srv/sfcc_cin7 && ! touch there 2>/dev/null && id -u'
inside python -c "import sfcc_cin7.definitions; print('the code location loads')"
inside sfcc-cin7 --help | tail -3
inside dagster-webserver --version
inside sh -c 'ls /opt/sfcc_cin7/lib/python3*/site-packages/sfcc_cin7/runbooks/*.md' | wc -l | sed 's/$/ runbooks are inside/'
inside dagster-daemon --help >/dev/null
if inside sh -c 'cd /srv/sfcc_cin7 && sfcc-cin7 migrate' 2>&1 | grep 'No database is named'; then :; else exit 1; fi
echo "The image's steps run: $(du -sm --one-file-system "$root/opt/sfcc_cin7" | cut -f1) MB in /opt/sfcc_cin7."
