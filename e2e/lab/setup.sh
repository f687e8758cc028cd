#!/bin/sh
# Brings what the lab's machines are made of, where that is allowed: root on a Debian. Elsewhere the lab itself says what is missing.
missing=
for program in sshd sshfs fusermount3 expect setfacl visudo ip debootstrap; do
  PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing=yes
done
python3 -c 'import ensurepip' 2>/dev/null || missing=yes
[ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0
# sshd is wanted as a program only: no service shall start.
policy=/usr/sbin/policy-rc.d
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && trap 'rm -f $policy' EXIT; }
packages='openssh-server sshfs fuse3 expect acl sudo iproute2 debootstrap python3-venv'
export DEBIAN_FRONTEND=noninteractive
apt-get -qq install -y --no-install-recommends $packages >/dev/null 2>&1 ||
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends $packages >/dev/null; } || echo "The lab's programs could not be installed." >&2
exit 0
