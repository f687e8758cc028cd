// A real Cassandra node on a machine of its own: a Debian with Java 8, a release from Maven Central, laid out as its package does it.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTool } from '../../tools/packaging/run-tool.ts';
import { cacheFolder, provideDebian } from '../package/debian-root.ts';
import { NodeMachine } from './machines.ts';

export type CassandraVersion = '2.1.20' | '3.11.2';

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

async function provideRelease(version: CassandraVersion): Promise<string> {
  const folder = join(cacheFolder(), `cassandra-${version}`);
  if (existsSync(folder)) return folder;
  const unfinished = mkdtempSync(join(cacheFolder(), 'cassandra-'));
  try {
    await runTool('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=org.apache.cassandra:apache-cassandra:${version}:tar.gz:bin`, `-DoutputDirectory=${unfinished}`], { cwd: unfinished });
    const share = join(unfinished, 'usr/share/cassandra');
    mkdirSync(share, { recursive: true });
    const archive = join(unfinished, readdirSync(unfinished).find((name) => name.endsWith('.tar.gz'))!);
    await runTool('tar', ['-xzf', archive, '-C', share, '--strip-components=1', '--no-same-owner', '--exclude=*/javadoc', '--exclude=*/doc']);
    rmSync(archive);
    await runTool('chmod', ['-R', 'go+rX', unfinished]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** What nodetool and the server are started with. Java 8 from update 332 on refuses nodetool's own address (CASSANDRA-17581). */
const INCLUDE = `CASSANDRA_HOME=/usr/share/cassandra
CASSANDRA_CONF=/etc/cassandra
cassandra_storagedir=/var/lib/cassandra
JVM_OPTS="$JVM_OPTS -Dcom.sun.jndi.rmiURLParsing=legacy"
CLASSPATH=/etc/cassandra
for jar in /usr/share/cassandra/lib/*.jar; do CLASSPATH=$CLASSPATH:$jar; done`;

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
    this.machine.run(`
      cd / && export CASSANDRA_INCLUDE=/etc/cassandra/include.sh MAX_HEAP_SIZE=256M HEAP_NEWSIZE=64M
      export JVM_EXTRA_OPTS='-Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=4000'
      exec setsid setpriv --reuid cassandra --regid cassandra --init-groups /usr/share/cassandra/bin/cassandra -p /var/lib/cassandra/pid </dev/null >/var/log/cassandra/output.log 2>&1`);
    for (const deadline = Date.now() + START_MILLIS; !await this.#answers();) {
      if (Date.now() > deadline || !this.#isAlive()) throw new Error(`Cassandra on ${this.address} does not start: ${this.machine.run('tail -n 20 /var/log/cassandra/system.log /var/log/cassandra/output.log || :')}`);
      await sleep(ASK_MILLIS);
    }
    this.nodetool('disableautocompaction');
  }

  nodetool(words: string): string {
    return this.machine.run(`nodetool ${words}`);
  }

  #isAlive(): boolean {
    return this.machine.run('kill -0 "$(cat /var/lib/cassandra/pid)" 2>/dev/null && echo yes || :').startsWith('yes');
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
