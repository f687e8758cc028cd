// `cassandra-data-extractor --configure`: the seed's dialogue, question by question and in its order. Nothing but mounts, sealed secrets and
// known host keys is touched before the last answer; then the settings are put in place as a whole.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@aeneas/cassandra';
import { AGENT_DEFAULT_PORT } from '@aeneas/protocol';
import { readKeyStore, readTrustStore, storeFormat } from '../keystore/read-store.ts';
import { setServicePassword } from '../service/agent.ts';
import { checkServicePassword } from '../service/login.ts';
import { readAgentSettings } from '../service/settings.ts';
import type { AgentSettings } from '../service/settings.ts';
import { homeOfCaller, letCallerSee, typedPath } from './caller.ts';
import type { Console } from './console.ts';
import { draftOf, sealNode, sealStores, settingsOfNode } from './draft.ts';
import type { Draft, StoreDraft } from './draft.ts';
import { extractorError } from './errors.ts';
import { allowOther } from './fuse-configuration.ts';
import { isSameKey, knownHostsLine, knownKeys } from './known-hosts.ts';
import { fuseProblem, mount, unmount } from './mount.ts';
import { mountedAt } from './mount-table.ts';
import { forgetConnection, nodeSteps, warn } from './node-steps.ts';
import { DEFAULT_MOUNT_DIRECTORY, STORE_SECRETS, nodeDirectories } from './nodes.ts';
import type { NodeSettings } from './nodes.ts';
import { openOutputFolder } from './output-folder.ts';
import { ownFolder, serviceOwner, writePrivately } from './owner.ts';
import type { Owner } from './owner.ts';
import type { ExtractorPaths } from './paths.ts';
import { answerTo, secretTwice, walk, yesOrNo } from './questions.ts';
import type { Step } from './questions.ts';
import { askRing } from './ring.ts';
import { SealedSecrets } from './sealed.ts';
import { writeUnitFolders } from './unit-folders.ts';
import { settingsText } from './settings-text.ts';

const MAX_NODES = 1_000;
/** Of the settings, and of what is made for the service. */
const SERVICE_FOLDER = 0o750;
/** Names of the copies, without the format. */
const STORE_FILES = { keyStore: 'key-store', trustStore: 'trust-store' } as const;

export interface ConfigureOptions {
  readonly paths: ExtractorPaths;
  readonly console: Console;
  /** local: the agent is on the node. sftp: even where FUSE is to be had. */
  readonly access: NodeSettings['access'];
  readonly hostKeys: ReadonlyMap<string, string>;
  readonly mendsKeyPermissions: boolean;
  /** Consent to a change of /etc/fuse.conf; undefined: to be asked for, where there is somebody to ask. */
  readonly setsAllowOther: boolean | undefined;
  readonly port: number | undefined;
  readonly cassandraVersion: string | undefined;
}

/** True when everything is mounted. Throws CodedErrors; then the settings are as before. */
export async function configure(options: ConfigureOptions): Promise<boolean> {
  const { paths, console } = options;
  const owner = await serviceOwner();
  // The package makes these; with a checkout they are made here.
  for (const folder of [paths.configDirectory, paths.mountDirectory]) {
    if ((await stat(folder).catch(() => undefined)) === undefined) await ownFolder(folder, SERVICE_FOLDER, owner && { uid: 0, gid: owner.gid });
  }
  const secrets = await SealedSecrets.create(paths, owner);
  const draft = await draftOf(await settingsBefore(paths), secrets);
  if (console.isTerminal) console.say('Enter keeps what is in brackets; < leads back to the question before; Ctrl-C ends without changes to the settings.\n');
  const access = options.access === 'mount' && (await fuseProblem()) !== undefined ? 'sftp' : options.access;
  if (access !== options.access) console.say(`Mounting is not possible here: ${await fuseProblem()}. The agent will read over SFTP, which is slower; nothing is mounted.`);
  try {
    const dialogue = new Dialogue(options, access, draft, secrets);
    await walk(() => dialogue.steps());
    await dialogue.finish(owner);
    return dialogue.isMounted;
  } finally {
    for (const node of draft.nodes) forgetConnection(node);
  }
}

/** Settings that cannot be read any more give no defaults, but are no hindrance. */
async function settingsBefore({ settings }: ExtractorPaths): Promise<AgentSettings | undefined> {
  return readAgentSettings(settings).catch(() => undefined);
}

class Dialogue {
  readonly #options: ConfigureOptions;
  readonly #access: NodeSettings['access'];
  readonly #draft: Draft;
  readonly #secrets: SealedSecrets;
  #count: number | undefined;
  #failedMounts = 0;

  constructor(options: ConfigureOptions, access: NodeSettings['access'], draft: Draft, secrets: SealedSecrets) {
    this.#options = options;
    this.#access = access;
    this.#draft = draft;
    this.#secrets = secrets;
  }

  get isMounted(): boolean {
    return this.#failedMounts === 0;
  }

  steps(): Step[] {
    const { console } = this.#options;
    const draft = this.#draft;
    const always = (name: string, ask: () => Promise<void>): Step => ({ name, ask: () => ask().then(() => true) });
    const silent = (name: string, ask: () => Promise<void>): Step => ({ name, ask: () => ask().then(() => false) });
    const withSsl = (step: Step): Step => ({ name: step.name, ask: async () => (draft.usesSsl === true ? step.ask() : false) });
    return [
      always('count', () => this.#askCount()),
      ...Array.from({ length: this.#count ?? 0 }, (_, index) => nodeSteps(draft, index, { ...this.#options, isLocal: this.#access === 'local' })).flat(),
      silent('ring', () => askRing(draft, this.#options)),
      silent('mounting', () => this.#mount()),
      always('ssl', async () => {
        draft.usesSsl = await yesOrNo(console, 'Enable SSL communication', draft.before?.security.mode === 'mutual-tls');
      }),
      withSsl(always('key store', async () => {
        draft.keyStore = await this.#askStore('Key store', 'keyStore', (content, password, file) => void readKeyStore(content, password, file));
      })),
      withSsl(always('trust store', async () => {
        draft.trustStore = await this.#askStore('Trust store', 'trustStore', (content, password, file) => void readTrustStore(content, password, file));
      })),
      { name: 'service password', ask: async () => (draft.usesSsl === true ? false : this.#askServicePassword()) },
      always('output', async () => {
        draft.outputDirectory = await answerTo(console, {
          prompt: 'Enter the path to the output local folder', fallback: draft.before?.outputDirectory ?? join(homeOfCaller(), 'out_data'), parse: typedPath,
        });
      }),
    ];
  }

  async #askCount(): Promise<void> {
    const { nodes } = this.#draft;
    this.#count = await answerTo(this.#options.console, {
      prompt: 'Enter the number of data providers nodes', fallback: String(nodes.length || 1),
      parse(answer) {
        const count = Number(answer);
        if (!/^\d+$/.test(answer) || count < 1 || count > MAX_NODES) throw extractorError('ANSWER_INVALID', `"${answer}" is no number of nodes: 1 to ${MAX_NODES}`);
        return count;
      },
    });
    nodes.length = Math.min(nodes.length, this.#count);
  }

  /** Seals what ssh needs, and mounts; a mount that fails is told about and can be made up for with -mnt. */
  async #mount(): Promise<void> {
    const { console, paths, setsAllowOther } = this.#options;
    this.#failedMounts = 0;
    if (this.#access === 'local') return;
    await this.#rememberHostKeys();
    for (const node of this.#draft.nodes) await sealNode(node, this.#secrets);
    if (this.#access === 'sftp') return;
    await allowOther(paths, console, setsAllowOther);
    console.say('===== Mounting process started =====');
    for (const draft of this.#draft.nodes) {
      const node = settingsOfNode(draft, this.#access);
      console.say(`Node [${node.ip}] mounting started.`);
      for (const directory of nodeDirectories(node, paths.mountDirectory)) {
        // Perhaps of an earlier configuration, with another source.
        if (mountedAt(directory.local) !== undefined) await unmount(directory, true);
        await mount(node, directory, this.#secrets, paths, (text) => console.say(text)).catch((error: unknown) => {
          if (!(error instanceof CodedError)) throw error;
          this.#failedMounts++;
          console.say(error.line());
        });
      }
    }
    console.say('===== Mounting process was over =====');
  }

  async #rememberHostKeys(): Promise<void> {
    const { paths } = this.#options;
    const lines = await readFile(paths.knownHosts, 'utf8').then((text) => text.split('\n').filter((line) => line !== ''), (): string[] => []);
    for (const { ip, port, hostKey } of this.#draft.nodes) {
      const isKnown = (await knownKeys([paths.knownHosts], ip!, port!)).some((known) => isSameKey(known, hostKey!));
      if (!isKnown) lines.push(knownHostsLine(ip!, port!, hostKey!));
    }
    await writePrivately(paths.knownHosts, `${lines.join('\n')}\n`, await serviceOwner());
  }

  async #askStore(what: string, kind: 'keyStore' | 'trustStore', check: (content: Buffer, password: string, file: string) => void): Promise<StoreDraft> {
    const { console } = this.#options;
    const { before } = this.#draft;
    const old = before?.security.mode === 'mutual-tls' ? before.security[kind] : undefined;
    const [file, content] = await answerTo(console, {
      prompt: `Path to ${what.toLowerCase()}`, fallback: old,
      async parse(answer): Promise<[string, Buffer]> {
        if (answer === '') throw extractorError('ANSWER_INVALID', 'A path is needed');
        const path = typedPath(answer);
        const bytes = await readFile(path).catch((error: Error) => {
          throw extractorError('ANSWER_INVALID', `The store cannot be read: ${error.message}`, {}, error);
        });
        storeFormat(bytes, path);
        return [path, bytes];
      },
    });
    const passwordBefore = file === old ? await this.#secrets.text(STORE_SECRETS[kind]) : undefined;
    const password = await secretTwice(console, `${what} password`, passwordBefore, (secret) => check(content, secret, file));
    return { content, fileName: `${STORE_FILES[kind]}.${storeFormat(content, file)}`, password };
  }

  /** Of an agent that had one before, it may stay. */
  async #askServicePassword(): Promise<boolean> {
    const isSet = this.#draft.before?.security.mode === 'password';
    const password = await secretTwice(this.#options.console, 'Service password', isSet ? '' : undefined, (secret) => {
      if (secret !== '' || !isSet) checkServicePassword(secret);
    });
    if (password !== '') this.#draft.servicePassword = password;
    return true;
  }

  /** Puts everything in place, and says the last words. */
  async finish(owner: Owner | undefined): Promise<void> {
    const { paths, console, port } = this.#options;
    const { before, nodes, keyStore, trustStore, servicePassword, warnings } = this.#draft;
    const outputDirectory = this.#draft.outputDirectory!;
    const opened = await openOutputFolder(outputDirectory, owner);
    for (const note of opened.notes) console.say(note);
    for (const problem of opened.problems) warn(this.#draft, console, problem);
    await writeUnitFolders(paths, [outputDirectory, ...(before?.given.stagingFolder === undefined ? [] : [before.stagingFolder])]);
    const stores = this.#draft.usesSsl === true ? { keyStore: keyStore!.fileName, trustStore: trustStore!.fileName } : undefined;
    if (stores !== undefined) {
      await writePrivately(join(paths.configDirectory, stores.keyStore), keyStore!.content, owner);
      await writePrivately(join(paths.configDirectory, stores.trustStore), trustStore!.content, owner);
    }
    await sealStores(this.#draft, this.#secrets);
    await this.#forgetFormerNodes();
    await writePrivately(paths.settings, settingsText({
      ...before?.given, host: before?.host ?? '0.0.0.0', port: port ?? before?.port ?? AGENT_DEFAULT_PORT,
      nodes: nodes.map((node) => settingsOfNode(node, this.#access)), mountDirectory: paths.mountDirectory === DEFAULT_MOUNT_DIRECTORY ? undefined : paths.mountDirectory,
      outputDirectory, stores,
    }), owner);
    if (servicePassword !== undefined) {
      const { fingerprint, isPending } = await setServicePassword(await readAgentSettings(paths.settings), servicePassword);
      await openOutputFolder(outputDirectory, owner);
      if (fingerprint !== undefined) console.say(`The fingerprint (SHA-256) of the certificate that this agent made for itself; give it to the server when you register the agent:\n${fingerprint}`);
      if (isPending) warn(this.#draft, console, 'The agent runs, with the settings and the service password from before. The new ones hold once it is started again: sudo systemctl restart cassandra-data-extractor');
      if (isPending && fingerprint === undefined) warn(this.#draft, console, 'It makes its certificate then: "cassandra-data-extractor status" shows the fingerprint.');
    }
    console.say('=== Configuration agent-settings.yaml successful completed ===');
    console.say(`If you want to add new nodes or change it parameters, you should edit the configuration file ${paths.settings}`);
    for (const warning of warnings) console.say(warning);
    if (!this.isMounted) console.say('Not everything is mounted. Once the cause is mended: sudo cassandra-data-extractor -mnt');
    const caller = this.#access === 'mount' ? await letCallerSee(paths.mountDirectory) : undefined;
    if (caller !== undefined) console.say(`${caller} may look at the mounts below ${paths.mountDirectory}; other users may not.`);
    const units = `${this.#access === 'mount' ? 'cassandra-data-extractor-mounts ' : ''}cassandra-data-extractor`;
    console.say(`Start the agent: sudo systemctl enable --now ${units}\nOne that runs already has its settings from before until: sudo systemctl restart ${units}`);
  }

  async #forgetFormerNodes(): Promise<void> {
    const { paths } = this.#options;
    const { before, nodes } = this.#draft;
    for (const former of before?.nodes ?? []) {
      if (nodes.some(({ ip }) => ip === former.ip)) continue;
      await sealNode({ ip: former.ip }, this.#secrets);
      for (const directory of nodeDirectories(former, paths.mountDirectory)) if (directory.access === 'mount') await unmount(directory, true);
    }
  }
}

