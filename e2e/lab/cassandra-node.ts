// A real Cassandra node on a machine of its own: a Debian with Java 8, a release from Maven Central, laid out as its package does it.

import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { provideDebian } from '../package/debian-root.ts';
import { provideRelease } from './cassandra-release.ts';
import type { CassandraVersion } from './cassandra-release.ts';
import { NodeMachine } from './machines.ts';

/** These versions want Java 8, which only Debian's unstable still has. */
const SUITE = 'sid';
const PACKAGES = ['openjdk-8-jre-headless', 'openssh-server', 'procps', 'iproute2'];
const CQL_PORT = 9042;
const START_MILLIS = 240_000;
const ASK_MILLIS = 500;

/** The folders of which a node's disk is made, for NodeMachine; made once for each user of this machine. Throws PACKAGE_TOOL_MISSING, PACKAGE_BUILD_FAILED. */
export async function provideImage(version: CassandraVersion): Promise<string> {
  const [debian, release] = [await provideDebian(SUITE, PACKAGES), await provideRelease(version)];
  return `${release}:${debian}`;
}

/** What nodetool and the server are started with. Java 8 from update 332 on refuses nodetool's own address (CASSANDRA-17581). */
const INCLUDE = `CASSANDRA_HOME=/usr/share/cassandra
CASSANDRA_CONF=/etc/cassandra
cassandra_storagedir=/var/lib/cassandra
JVM_OPTS="$JVM_OPTS -Dcom.sun.jndi.rmiURLParsing=legacy"
CLASSPATH=/etc/cassandra
for jar in /usr/share/cassandra/lib/*.jar; do CLASSPATH=$CLASSPATH:$jar; done`;

/** What the package's own does, as `service` calls it; the delays are those of a cluster of one machine. */
const SERVICE = `#!/bin/sh
export CASSANDRA_INCLUDE=/etc/cassandra/include.sh MAX_HEAP_SIZE=256M HEAP_NEWSIZE=64M
export JVM_EXTRA_OPTS="-Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=4000 -Dcassandra.superuser_setup_delay_ms=500"
pid=/var/lib/cassandra/pid
case $1 in
  start) cd / && exec setsid setpriv --reuid cassandra --regid cassandra --init-groups /usr/share/cassandra/bin/cassandra -p $pid </dev/null >/var/log/cassandra/output.log 2>&1;;
  stop) running=$(cat $pid 2>/dev/null) || exit 0; kill $running; while kill -0 $running 2>/dev/null; do sleep 0.2; done;;
  restart) $0 stop && $0 start;;
  status) [ -e $pid ] && kill -0 "$(cat $pid)" 2>/dev/null;;
  *) exit 2;;
esac`;

/** The files of a package's installation, and a configuration that starts fast. The directories belong to Cassandra and its group. */
function setup(address: string, index: number, seed: string): string {
  return `
    useradd -rMd /var/lib/cassandra -s /bin/sh cassandra && usermod -aG cassandra centos
    hostname node${index} && printf '127.0.0.1 localhost node${index}\\n' >/etc/hosts
    cp -r /usr/share/cassandra/conf /etc/cassandra
    install -d -o cassandra -g cassandra -m 750 /var/lib/cassandra /var/log/cassandra
    rm -rf /usr/share/cassandra/logs && ln -s /var/log/cassandra /usr/share/cassandra/logs
    cat >/etc/cassandra/include.sh <<'END'\n${INCLUDE}\nEND
    printf '#!/bin/sh\\nCASSANDRA_INCLUDE=/etc/cassandra/include.sh exec /usr/share/cassandra/bin/nodetool "$@"\\n' >/usr/bin/nodetool && chmod 755 /usr/bin/nodetool
    cat >/etc/init.d/cassandra <<'END'\n${SERVICE}\nEND
    chmod 755 /etc/init.d/cassandra
    sed -i -e 's/^cluster_name:.*/cluster_name: lab/' -e 's/- seeds:.*/- seeds: "${seed}"/' -e 's/^num_tokens:.*/num_tokens: 16/' \\
      -e 's/^\\(listen\\|rpc\\)_address:.*/\\1_address: ${address}/' -e '/^hints_directory:/d' /etc/cassandra/cassandra.yaml
    cat >>/etc/cassandra/cassandra.yaml <<'END'
auto_bootstrap: false
data_file_directories:
    - /var/lib/cassandra/data
commitlog_directory: /var/lib/cassandra/commitlog
saved_caches_directory: /var/lib/cassandra/saved_caches
END`;
}

export class CassandraNode {
  readonly machine: NodeMachine;

  private constructor(machine: NodeMachine) {
    this.machine = machine;
  }

  /** A machine with Cassandra installed; its sshd answers, Cassandra is not started. The first index may be chosen so that machines of a test differ. */
  static async prepare(version: CassandraVersion, { address, index, publicKey, seed }: { readonly address: string; readonly index: number; readonly publicKey: string; readonly seed: string }): Promise<CassandraNode> {
    return new CassandraNode(await NodeMachine.start(address, index, publicKey, setup(address, index, seed), await provideImage(version)));
  }

  get address(): string {
    return this.machine.address;
  }

  /** Starts Cassandra; it answers CQL then, and compacts nothing by itself. */
  async start(): Promise<void> {
    this.machine.run('service cassandra start');
    await this.answers();
    this.nodetool('disableautocompaction');
  }

  /** Waits until it answers CQL. */
  async answers(): Promise<void> {
    for (const deadline = Date.now() + START_MILLIS; !await this.#answers();) {
      if (Date.now() > deadline || !this.#isAlive()) throw new Error(`Cassandra on ${this.address} does not start: ${this.machine.run('tail -n 20 /var/log/cassandra/system.log /var/log/cassandra/output.log || :')}`);
      await sleep(ASK_MILLIS);
    }
  }

  nodetool(words: string): string {
    return this.machine.run(`nodetool ${words}`);
  }

  #isAlive(): boolean {
    return this.machine.run('service cassandra status && echo yes || :').startsWith('yes');
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createConnection({ host: this.address, port: CQL_PORT }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  }
}
