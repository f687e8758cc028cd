// The agent as an operator has it: the .deb of this checkout, installed by dpkg in a Debian whose systemd runs, configured by its dialogue,
// its units started. It shares this machine's network, and so reaches the lab's nodes.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../aeneas-process.ts';
import { BootedRoot } from '../package/booted-root.ts';
import { DebianRoot, provideDebian } from '../package/debian-root.ts';
import type { Ran } from '../package/debian-root.ts';
import { buildPackages, inRoot, NEW } from '../package/packages.ts';
import type { Serving } from '../serving.ts';

export const NAME = 'cassandra-data-extractor';
const PASSWORD = 'lab-service-password';
const KEY = '/home/node-key.pem';
/** nodetool starts a Java, twice. */
const CONFIGURE_MILLIS = 180_000;
const START_MILLIS = 60_000;

/** A node, as somebody knows it who may log in there. */
export interface KnownNode {
  readonly address: string;
  readonly hostKey: string;
}

export class InstalledAgent {
  readonly system: BootedRoot;
  readonly #scratch: string;

  private constructor(system: BootedRoot, scratch: string) {
    this.system = system;
    this.#scratch = scratch;
  }

  /** Builds the package and installs it, with sshfs, in a Debian of its own. */
  static async install(): Promise<InstalledAgent> {
    const scratch = mkdtempSync(join(tmpdir(), 'aeneas-installed-'));
    process.env['AENEAS_DEBIAN'] = await provideDebian();
    process.env['AENEAS_PACKAGES'] = scratch;
    await buildPackages(NEW, scratch);
    const root = new DebianRoot();
    root.sh('apt-get -qq update && apt-get -qq install -y --no-install-recommends sshfs >/dev/null');
    const system = await BootedRoot.boot(root, { network: 'shared' });
    system.sh(`dpkg -i ${inRoot('deb', NEW)}`);
    return new InstalledAgent(system, scratch);
  }

  /** The dialogue, which an agent that runs is stopped for, with answers from a pipe, for all nodes, by a key; the agent will listen on `port`. */
  configure(nodes: readonly KnownNode[], privateKey: string, port: number): Ran {
    this.system.run(`systemctl stop ${NAME} ${NAME}-mounts`);
    this.system.run(`umask 077; cat >${KEY}`, privateKey);
    this.system.run('cat >/etc/ssh/ssh_known_hosts', nodes.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(''));
    const ofNodes = nodes.flatMap(({ address }) => [address, '', 'centos', '', 'Y', KEY, '', '/etc/cassandra', '']);
    const answers = [String(nodes.length), ...ofNodes, 'N', PASSWORD, PASSWORD, '/home/out_data'];
    return this.system.run(`${NAME} --configure --allow-other --port ${port}`, `${answers.join('\n')}\n`, CONFIGURE_MILLIS);
  }

  /** Starts the units as the documentation says, and registers the agent on a server. `said` is what the dialogue printed. */
  async start(server: Serving, name: string, port: number, said: string): Promise<void> {
    const [fingerprint] = /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(said)!;
    this.system.sh(`systemctl enable --now ${NAME}-mounts ${NAME}`);
    const passwordFile = join(this.#scratch, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    for (const deadline = Date.now() + START_MILLIS; ; await sleep(200)) {
      try {
        execFileSync(join(ROOT, 'node_modules/.bin/aeneas'), ['agent', 'register', name, `https://127.0.0.1:${port}`, '--service-password-file', passwordFile, '--fingerprint', fingerprint, '--server', server.url], { stdio: 'pipe' });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`The agent cannot be registered: ${(error as Error).message} ${this.log()}`, { cause: error });
      }
    }
  }

  /** What it tells servers every two seconds. */
  async health(port: number): Promise<{ readonly machine?: { readonly source?: { readonly cassandraVersions: readonly string[] } } }> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const asking = request(`https://127.0.0.1:${port}/v1/health`, { method: 'POST', rejectUnauthorized: false, auth: `aeneas:${PASSWORD}`, headers: { 'content-type': 'application/json' } }, (response) => {
      text(response).then(resolve, reject);
    });
    asking.on('error', reject).end('{}');
    return JSON.parse(await promise) as { machine?: { source?: { cassandraVersions: string[] } } };
  }

  log(): string {
    return this.system.run(`tail -n 40 /var/log/${NAME}/*.log; journalctl --no-pager -n 40 -u ${NAME} -u ${NAME}-mounts`).output;
  }

  async end(): Promise<void> {
    this.system.run(`systemctl stop ${NAME} ${NAME}-mounts; ${NAME} --unmount`);
    await this.system.end();
    this.system.root.remove();
    rmSync(this.#scratch, { recursive: true });
  }
}
