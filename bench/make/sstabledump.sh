#!/bin/bash
# Cassandra 3.11.2's own sstabledump, with the Java options of its script:
#
#   sstabledump.sh DATA_FILE    JSON on stdout
#
# Takes the same variables as make.sh: CASSANDRA_LIB with JAVA8_HOME or JAVA8_ROOT, or WORK. The file is never written to.
set -euo pipefail

file=$(realpath "$1")
lib=$(cd "${CASSANDRA_LIB:-${WORK:?set CASSANDRA_LIB or WORK}/cassandra/lib}" && pwd)
[ -n "${JAVA8_HOME:-}${JAVA8_ROOT:-}" ] || JAVA8_ROOT=$(cd "$WORK/java8" && pwd)
conf=$(cd "$lib/../conf" && pwd)
data=$(dirname "$(dirname "$(dirname "$file")")")      # keyspace and table are told by the directories' names
inside=${file#"$data"/}
options=(-ea -Xmx256M -Djava.io.tmpdir=/tmp -Dlogback.configurationFile=logback-tools.xml)

if [ -n "${JAVA8_HOME:-}" ]; then
  storage=$(mktemp -d)
  trap 'rm -rf "$storage"' EXIT
  "$JAVA8_HOME/bin/java" "${options[@]}" "-Dcassandra.storagedir=$storage" -cp "$conf:$lib/*" org.apache.cassandra.tools.SSTableExport "$file"
else
  exec unshare --mount --uts bash -c '
    hostname localhost; root=$1 lib=$2 conf=$3 data=$4 inside=$5
    mount --bind "$root" "$root"; mount -t tmpfs tmpfs "$root/mnt"; mount -t tmpfs tmpfs "$root/tmp"; mount -t proc proc "$root/proc"
    for d in lib conf data; do mkdir "$root/mnt/$d"; mount --bind -o ro "${!d}" "$root/mnt/$d"; done
    exec chroot "$root" java "${@:6}" -Dcassandra.storagedir=/tmp -cp "/mnt/conf:/mnt/lib/*" org.apache.cassandra.tools.SSTableExport "/mnt/data/$inside"
  ' sstabledump "$JAVA8_ROOT" "$lib" "$conf" "$data" "$inside" "${options[@]}"
fi
