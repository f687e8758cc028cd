# The steps of installing and removing, the same for .deb and .rpm: the build puts them in front of each script of both.
# What they say goes to stderr, since stdout belongs to debconf. No systemd (a chroot, a container) is fine.

NAME=cassandra-data-extractor
SETTINGS=/etc/$NAME
LOGS=/var/log/$NAME
MOUNTS=/mnt/$NAME
STATE=/var/lib/$NAME
VERSION_FILE=$SETTINGS/default-version
UNITS="$NAME.service $NAME-mounts.service"
WAS_RUNNING=/run/$NAME-was-running

say() {
  printf '%s: %s\n' "$NAME" "$1" >&2
}

# Before anything is changed: the runtime does not start with an older C library.
require_glibc() {
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc //p')
  [ "$(printf '2.28\n%s\n' "${glibc:-0}" | sort -V | head -n 1)" = 2.28 ] && return 0
  say "needs glibc 2.28 or later; this system has ${glibc:-none}. Nothing was changed."
  say "Install it on Debian 10, Ubuntu 20.04, RHEL/Rocky/Alma 8, Amazon Linux 2023 or younger: the agent may run on a machine of its own, and mounts the directories of the Cassandra nodes, whatever their system is."
  exit 1
}

# Advice, no condition.
advise_on_size() {
  cpus=$(nproc 2>/dev/null || echo 8)
  megabytes=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null)
  # A machine sold with 16 GB shows a little less.
  if [ "$cpus" -lt 8 ] || [ "${megabytes:-16000}" -lt 15000 ]; then
    say "this machine has $cpus virtual CPUs and ${megabytes:-?} MB of memory; 8 and 16 GB are the advice. It works with less, only slower."
  fi
}

# Recommended, not required; dpkg and rpm alone bring nothing of what is.
advise_on_sshfs() {
  command -v sshfs >/dev/null || say "sshfs is not installed, so nodes cannot be mounted (the agent would read over SFTP, which is slower). To install it: $1"
}

make_user() {
  getent group "$NAME" >/dev/null || groupadd --system "$NAME"
  getent passwd "$NAME" >/dev/null || useradd --system --gid "$NAME" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --comment 'Cassandra data extraction agent' "$NAME"
}

# Those that are there keep owner and mode, which the operator may have changed. Root and systemd write the logs, so their folder is
# root's: in a folder of the service, a link could send root's writing elsewhere.
make_directories() {
  for directory in "$SETTINGS" "$LOGS" "$MOUNTS"; do
    [ -d "$directory" ] || install -d -o root -g "$NAME" -m 0750 "$directory"
  done
  [ -d "$STATE" ] || install -d -o "$NAME" -g "$NAME" -m 0700 "$STATE"
}

# "later": nobody knows yet, and --configure asks.
set_default_version() {
  if [ "$1" = later ]; then
    rm -f "$VERSION_FILE"
    return 0
  fi
  [ "$(cat "$VERSION_FILE" 2>/dev/null)" = "$1" ] && return 0
  printf '%s\n' "$1" >"$VERSION_FILE"
  chmod 0644 "$VERSION_FILE"
}

say_what_next() {
  if [ ! -e "$SETTINGS/agent-settings.yaml" ]; then
    say "installed, not configured, not started. Next: sudo $NAME --configure"
  elif [ -z "$started" ] && ! systemctl --quiet is-enabled "$NAME.service" 2>/dev/null; then
    say "found the settings of an earlier installation. Next: sudo systemctl enable --now $NAME"
  fi
}

has_systemd() {
  [ -d /run/systemd/system ]
}

reload_systemd() {
  if has_systemd; then systemctl daemon-reload || true; fi
}

# A program whose files are exchanged below it would start threads of another version. Mounts stay.
stop_for_upgrade() {
  has_systemd || return 0
  for unit in $UNITS; do
    if systemctl --quiet is-active "$unit"; then
      echo "$unit" >>"$WAS_RUNNING"
      systemctl stop "$unit" || true
    fi
  done
}

start_again() {
  started=
  [ -e "$WAS_RUNNING" ] || return 0
  started=yes
  units=$(cat "$WAS_RUNNING")
  rm -f "$WAS_RUNNING"
  systemctl start $units || say "could not be started again: see systemctl status $UNITS"
}

stop_and_unmount() {
  if has_systemd; then systemctl stop $UNITS || true; fi
  if command -v systemctl >/dev/null; then systemctl --quiet disable $UNITS 2>/dev/null || true; fi
  # From the kernel's list, and without a look at the place: a dead mount hangs whoever looks.
  mounted | sort -r | while IFS= read -r place; do
    umount --no-canonicalize --lazy "$place" || say "$place could not be unmounted"
  done
}

mounted() {
  awk -v below="$MOUNTS/" 'index($2, below) == 1 { print $2 }' /proc/mounts 2>/dev/null
}

# What the package did not bring: settings, keys, logs, user. Below $MOUNTS only empty folders go, never what a mount might show.
forget_everything() {
  # Without quotes, and without the remark behind it.
  output=$(sed -n 's/^outputDirectory: *"\{0,1\}\([^"#]*[^"# ]\).*/\1/p' "$SETTINGS/agent-settings.yaml" 2>/dev/null || true)
  rm -rf "$SETTINGS" "$LOGS" "$STATE" "/run/$NAME" "/etc/systemd/system/$NAME.service.d" "/etc/systemd/system/$NAME-mounts.service.d"
  if [ -n "$(mounted)" ]; then say "$MOUNTS stays, since something is still mounted there"
  elif [ -d "$MOUNTS" ]; then find "$MOUNTS" -xdev -depth -type d -empty -delete; fi
  if getent passwd "$NAME" >/dev/null; then userdel "$NAME" || true; fi
  if getent group "$NAME" >/dev/null; then groupdel "$NAME" || true; fi
  if [ -n "$output" ] && [ -d "$output" ]; then say "$output stays: rejected rows and reports may be there"; fi
}
