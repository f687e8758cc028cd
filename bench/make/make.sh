#!/bin/bash
# Makes the two bench tables, readings and mixed, with Cassandra 3.11.2's own SSTable writer:
#
#   make.sh OUT [SCALE [TABLE...]]    OUT/bench/<table>-<id>/, OUT/schema.cql, OUT/bench.json   (SCALE 1: 4.3 million operations, 0.5 GB, 2 minutes)
#   make.sh --fetch WORK              fetches what that needs into WORK: WORK/cassandra and WORK/java8   (Debian, root, mvn, debootstrap; 0.6 GB)
#
# CASSANDRA_LIB  the lib folder of a Cassandra 3.11.2
# JAVA8_HOME     a Java 8, or
# JAVA8_ROOT     a root file system with one, to chroot into (needs root)
# WORK           a folder which --fetch has filled, instead of these
# Also needs a javac (8 to 19) on the PATH.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" = --fetch ]; then
  mkdir -p "$2" && cd "$2"
  if [ ! -d cassandra ]; then
    mvn -q -B dependency:copy -Dartifact=org.apache.cassandra:apache-cassandra:3.11.2:tar.gz:bin -DoutputDirectory=.
    rm -rf unpacked && mkdir unpacked && tar xzf apache-cassandra-3.11.2-bin.tar.gz -C unpacked --strip-components=1
    rm apache-cassandra-3.11.2-bin.tar.gz && mv unpacked cassandra
  fi
  if [ ! -d java8 ]; then                     # only Debian's unstable still has a Java 8
    rm -rf root && debootstrap --variant=minbase --include=openjdk-8-jre-headless sid root > debootstrap.log || { tail debootstrap.log >&2; exit 1; }
    mv root java8
  fi
  exit
fi

[ $# -gt 0 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; }
out=$(mkdir -p "$1" && cd "$1" && pwd) scale=${2:-1}
shift $(( $# < 2 ? $# : 2 ))
lib=$(cd "${CASSANDRA_LIB:-${WORK:?set CASSANDRA_LIB or WORK}/cassandra/lib}" && pwd)
[ -n "${JAVA8_HOME:-}${JAVA8_ROOT:-}" ] || JAVA8_ROOT=$(cd "$WORK/java8" && pwd)
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -nowarn -source 8 -target 8 -d "$classes" -cp "$lib/*" "$here/Tables.java" 2> "$classes/log" || { cat "$classes/log" >&2; exit 1; }

echo '<configuration><root level="OFF"/></configuration>' > "$classes/logback.xml"

java8() {                                     # TABLE DIR FILES ROWS
  if [ -n "${JAVA8_HOME:-}" ]; then
    "$JAVA8_HOME/bin/java" -Xmx4G -cp "$classes:$lib/*" org.apache.cassandra.io.sstable.Tables "$1" "$out/$2" "${@:3}"
  else
    unshare --mount --uts bash -c '
      hostname localhost; root=$1 classes=$2 lib=$3 out=$4
      mount --bind "$root" "$root"; mount -t tmpfs tmpfs "$root/mnt"; mount -t proc proc "$root/proc"
      for d in classes lib out; do mkdir "$root/mnt/$d"; mount --bind "${!d}" "$root/mnt/$d"; done
      exec chroot "$root" java -Xmx4G -cp "/mnt/classes:/mnt/lib/*" org.apache.cassandra.io.sstable.Tables "$5" "/mnt/out/$6" "${@:7}"
    ' make "$JAVA8_ROOT" "$classes" "$lib" "$out" "$@"
  fi
}

echo "CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};" > "$out/schema.cql"
summary=
for table in "${@:-readings mixed}"; do for table in $table; do
  case $table in
    readings) files=5 rows=740000 id=a0000000000011e18000000000000001 ;;
    mixed)    files=4 rows=150000 id=a0000000000011e18000000000000002 ;;
  esac
  rows=$(awk "BEGIN { print int($rows * $scale) }")
  dir=bench/$table-$id
  rm -rf "${out:?}/$dir" && mkdir -p "$out/$dir"
  java8 "$table" "$dir" "$files" "$rows" >> "$out/schema.cql"
  summary="$summary${summary:+,}
  \"$table\": {\"dir\": \"$dir\", \"sstables\": $files, \"operations\": $((files * rows)), \"bytes\": $(cat "$out/$dir"/*-Data.db | wc -c)}"
done; done
echo "{$summary
}" > "$out/bench.json"
cat "$out/bench.json"
