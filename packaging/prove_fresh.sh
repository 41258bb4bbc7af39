#!/usr/bin/env bash
# Both README commands in a fresh Debian: debootstrap, clone, make demo (bounded), make test. Needs root and debootstrap.
# Usage: packaging/prove_fresh.sh bookworm|trixie [folder]
set -euo pipefail
cd "$(dirname "$0")/.."
suite="${1:?which Debian}"
base="${2:-$(mktemp -d)}"
mkdir -p "$base"
root="$base/$suite"
mirror="$( { grep -rhoE '^(URIs: |deb )\S+' /etc/apt/sources.list.d /etc/apt/sources.list 2>/dev/null || true; } | awk '{print $2}' | grep -E '/debian/?$' | head -1)"
command -v debootstrap >/dev/null || apt-get install -y -qq debootstrap >/dev/null
key=/usr/share/keyrings/debian-archive-keyring.gpg

debootstrap --variant=minbase --keyring="$key" "$suite" "$root" "$mirror" > "$base/$suite-debootstrap.log"
trap 'umount -l "$root/proc" "$root/dev/pts" "$root/dev" "$root/sys" 2>/dev/null || true' EXIT
mount -t proc proc "$root/proc"; mount --rbind /sys "$root/sys"; mount --bind /dev "$root/dev"; mount --bind /dev/pts "$root/dev/pts"
# What this machine needs to reach its registries, whatever that is; none of it is part of the project.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
mkdir -p "$root/etc/apt/apt.conf.d" "$root/etc/ssl/certs" "$root/root/.config/pip"
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
mkdir -p "$root/usr/local/share/ca-certificates"
cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
for file in /etc/pip.conf /root/.config/pip/pip.conf /root/.pip/pip.conf; do
  [ -f "$file" ] && { mkdir -p "$root$(dirname "$file")"; cp "$file" "$root$file"; }
done
env | grep -E '^(PIP_|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|SSL_CERT|REQUESTS_CA)' | grep -v FIND_LINKS | sed 's/^/export /; s/=\(.*\)/="\1"/' > "$root/root/machine.env" || true
inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -c ". /root/machine.env; $1"; }

inside 'apt-get update -qq && apt-get install -y -qq --no-install-recommends git make python3 ca-certificates >/dev/null'
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
git clone -q --no-hardlinks . "$root/root/project"
for command in "DEMO_SECONDS=25 make demo" "make test"; do
  started=$(date +%s)
  inside "cd /root/project && $command" > "$base/$suite-$(echo "$command" | tr -dc a-z).log" 2>&1 && result=passed || result=FAILED
  echo "$suite: $command: $result in $(( $(date +%s) - started )) s; $(tail -n 1 "$base/$suite-$(echo "$command" | tr -dc a-z).log")"
  [ $result = passed ] || exit 1
done
