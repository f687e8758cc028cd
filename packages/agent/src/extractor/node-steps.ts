// The questions about one node, in the seed's order and words, each answer checked as soon as it can be.

import { readFile, readdir, stat } from 'node:fs/promises';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@aeneas/cassandra';
import { homeOfCaller, typedPath } from './caller.ts';
import type { Console } from './console.ts';
import type { Draft, NodeDraft } from './draft.ts';
import { extractorError } from './errors.ts';
import { besides, cleanPath, readCassandraYaml } from './inspect-node.ts';
import type { NodeFiles } from './inspect-node.ts';
import { hostKeyFingerprint, isSameKey, knownKeys } from './known-hosts.ts';
import { nodeSchema } from './nodes.ts';
import type { ExtractorPaths } from './paths.ts';
import { GoBack, answerTo, optionalSecret, yesOrNo } from './questions.ts';
import type { Step } from './questions.ts';
import { SshConnection, checkPrivateKey, hostKeyAt, needsPassphrase } from './ssh.ts';

const OTHERS = 0o077;
const OWNER_ONLY = 0o600;
const MAX_KEY_BYTES = 64 * 1024;
export const KEY_PERMISSIONS = 'Change the SSH private keys permission to 600 to secure them. You can also set permissions to 400.';

export interface NodeStepOptions {
  readonly console: Console;
  readonly paths: ExtractorPaths;
  readonly isLocal: boolean;
  /** Fingerprints given with --host-key, by node; "*" for any. */
  readonly hostKeys: ReadonlyMap<string, string>;
  readonly mendsKeyPermissions: boolean;
}

/** The steps of node `index`; with --local only those that make sense there. */
export function nodeSteps(draft: Draft, index: number, options: NodeStepOptions): Step[] {
  const { console } = options;
  const node = (draft.nodes[index] ??= {});
  const where = (): string => `Cassandra node <${node.ip}>`;
  const step = (name: string, ask: () => Promise<void>, isAsked: () => boolean = () => true): Step => ({
    name: `${name} ${index}`,
    async ask() {
      if (!isAsked()) return false;
      await ask();
      return true;
    },
  });
  const remote = (): boolean => !options.isLocal;
  const withKey = (): boolean => remote() && node.usesKey === true;
  return [
    step('ip', async () => {
      const ip = await answerTo(console, { prompt: `Enter IP for Cassandra node ${index + 1}`, fallback: node.ip, parse: (answer) => parseIp(answer, draft, index) });
      // Of another node the login may be the same; its directories have to be found.
      if (ip !== node.ip) forgetNode(node);
      node.ip = ip;
    }),
    step('port', async () => {
      node.port = await answerTo(console, {
        prompt: `Enter SSH port for ${where()}`, fallback: String(node.port ?? 22),
        async parse(answer) {
          const port = parsePort(answer);
          await settleHostKey(node, port, options);
          return port;
        },
      });
    }, remote),
    step('login', async () => {
      forgetConnection(node);
      node.login = await answerTo(console, { prompt: `Enter SSH login for ${where()}`, fallback: node.login, end: ' : ', parse: (answer) => parsed(nodeSchema.shape.login.unwrap(), answer, 'login') });
    }, remote),
    step('password', async () => {
      node.password = await optionalSecret(console, `Enter SSH password for ${where()} (optional)`, node.password);
    }, remote),
    step('uses key', async () => {
      node.usesKey = await yesOrNo(console, 'Is the connection to the node using a SSH private key?', node.usesKey ?? false);
    }, remote),
    step('key', async () => {
      const before = node.privateKey;
      node.privateKey = await answerTo(console, {
        prompt: `Enter the path to the private SSH key for ${where()}`, fallback: before === undefined ? undefined : 'unchanged',
        parse: async (answer) => (answer === 'unchanged' && before !== undefined ? before : readKey(typedPath(answer), draft, options)),
      });
      if (node.privateKey !== before) node.passphrase = undefined;
    }, withKey),
    step('passphrase', async () => {
      node.passphrase = await optionalSecret(console, `Enter passphrase for SSH private key for ${where()} (optional)`, node.passphrase);
    }, withKey),
    step('cassandra.yaml', async () => {
      await connect(node, index, options);
      const found = await answerTo(console, {
        prompt: `Enter the path to the cassandra.yaml file location on the node <${node.ip}>`, fallback: node.confDirectory,
        parse: (answer) => readCassandraYaml(node.files!, parseDirectory(answer)),
      });
      if (found.confDirectory !== node.confDirectory) node.dataDirectories = undefined;
      node.found = found;
      node.confDirectory = found.confDirectory;
    }),
    step('data directories', async () => {
      const { dataDirectories: listed } = node.found!;
      node.dataDirectories = await answerTo(console, {
        prompt: `Enter the path to the Cassandra data directories on the node <${node.ip}>`, fallback: (node.dataDirectories ?? (listed.length === 0 ? undefined : listed))?.join(','),
        parse: (answer) => parseDataDirectories(answer, node.files!),
      });
      const [first] = node.dataDirectories;
      node.commitlogDirectory = await present(node.files!, node.found!.commitlogDirectory) ?? await besides(node.files!, first, 'commitlog');
      node.cdcRawDirectory = await present(node.files!, node.found!.cdcRawDirectory) ?? await besides(node.files!, first, 'cdc_raw');
      const left = listed.filter((path) => !node.dataDirectories!.includes(path));
      if (left.length > 0) warn(draft, console, `Node <${node.ip}>: cassandra.yaml also lists ${left.join(', ')}. Rows that are stored there would be missing.`);
    }),
  ];
}

/** A warning stands where it arose, and again at the end. */
export function warn({ warnings }: Draft, console: Console, text: string): void {
  warnings.add(text);
  console.say(text);
}

export function forgetConnection(node: NodeDraft): void {
  node.connection?.close();
  node.connection = undefined;
}

function forgetNode(node: NodeDraft): void {
  forgetConnection(node);
  Object.assign(node, { confDirectory: undefined, dataDirectories: undefined, found: undefined });
}

function parseIp(answer: string, { nodes }: Draft, index: number): string {
  const ip = parsed(nodeSchema.shape.ip, answer, 'IP');
  if (nodes.some((other, i) => i < index && other.ip === ip)) throw extractorError('ANSWER_INVALID', `Node ${ip} was named before`);
  return ip;
}

function parsePort(answer: string): number {
  const port = Number(answer);
  if (!/^\d+$/.test(answer) || port < 1 || port > 65_535) throw extractorError('ANSWER_INVALID', `"${answer}" is no port: 1 to 65535`);
  return port;
}

function parseDirectory(answer: string): string {
  if (!answer.startsWith('/')) throw extractorError('ANSWER_INVALID', `"${answer}" is not an absolute path`);
  return cleanPath(answer);
}

async function parseDataDirectories(answer: string, files: NodeFiles): Promise<string[]> {
  // Several are separated by commas or blanks.
  const paths = [...new Set(answer.split(/[,\s]+(?=\/)/).map((path) => parseDirectory(path.replace(/[,\s]+$/, ''))))];
  for (const path of paths) {
    if ((await files.stat(path))?.isDirectory() !== true) throw extractorError('NODE_PATH_UNUSABLE', 'There is no such directory on the node', { file: path });
    await files.list(path);
  }
  return paths;
}

function parsed<T>(schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly { message: string }[] } } }, answer: string, what: string): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw extractorError('ANSWER_INVALID', `The ${what} "${answer}" ${result.error.issues[0].message}`);
}

async function present(files: NodeFiles, path: string | undefined): Promise<string | undefined> {
  return path !== undefined && (await files.stat(path).catch(() => undefined))?.isDirectory() === true ? path : undefined;
}

/** Finds the host's key and whether it is to be trusted: known before, given as a fingerprint, or confirmed by who sits there. */
async function settleHostKey(node: NodeDraft, port: number, { console, paths, hostKeys }: NodeStepOptions): Promise<void> {
  const home = homeOfCaller();
  const known = await knownKeys([paths.knownHosts, join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2'), '/etc/ssh/ssh_known_hosts'], node.ip!, port);
  const trusted = known.filter(({ isRevoked }) => !isRevoked);
  const key = await hostKeyAt(node.ip!, port, trusted.map(({ type }) => type));
  const fingerprint = hostKeyFingerprint(key.blob);
  const given = hostKeys.get(node.ip!) ?? hostKeys.get('*');
  const isRevoked = known.some((other) => other.isRevoked && isSameKey(other, key));
  if (isRevoked || (given !== undefined && given !== fingerprint) || (given === undefined && trusted.length > 0 && !trusted.some((other) => isSameKey(other, key)))) {
    throw extractorError('SSH_HOST_CHANGED', `${node.ip} shows the host key ${fingerprint} (${key.type})${isRevoked ? ', which is revoked' : ', which is not the one known'}`);
  }
  if (given === undefined && trusted.length === 0) {
    if (!console.isTerminal) throw extractorError('SSH_HOST_UNKNOWN', `${node.ip} shows the host key ${fingerprint} (${key.type})`);
    console.say(`The node shows the host key ${fingerprint} (${key.type}), which is not known here.`);
    if (!(await yesOrNo(console, 'Is it the key of this node?', false))) throw extractorError('SSH_HOST_UNKNOWN', `${node.ip} shows the host key ${fingerprint} (${key.type})`);
  }
  node.hostKey = key;
}

async function readKey(file: string, draft: Draft, { console, mendsKeyPermissions }: NodeStepOptions): Promise<string> {
  try {
    const { mode, size } = await stat(file);
    if (size > MAX_KEY_BYTES) throw extractorError('SSH_KEY_UNUSABLE', 'This is too large for a private key', { file });
    const content = await readFile(file, 'utf8');
    if (!needsPassphrase(content)) checkPrivateKey(content, undefined, file);
    if ((mode & OTHERS) !== 0) {
      if (mendsKeyPermissions || (console.isTerminal && await yesOrNo(console, `${KEY_PERMISSIONS} Set ${file} to 600 now?`, true))) await chmod(file, OWNER_ONLY);
      else draft.warnings.add(KEY_PERMISSIONS);
    }
    return content;
  } catch (error) {
    if (error instanceof CodedError || error instanceof GoBack) throw error;
    throw extractorError('SSH_KEY_UNUSABLE', `The private key cannot be read: ${(error as Error).message}`, { file }, error);
  }
}

/** Logs in, if that is not done. At a terminal a refusal leads back to the login; in a pipe it is the end. */
async function connect(node: NodeDraft, index: number, { console, isLocal }: NodeStepOptions): Promise<void> {
  if (isLocal) {
    node.files = { stat: (path) => stat(path).catch(() => undefined), list: (path) => readdir(path), read: (path) => readFile(path, 'utf8') };
    return;
  }
  if (node.connection !== undefined && node.connection.failure === undefined) return;
  const { ip, port, login, password, hostKey } = node;
  const key = node.usesKey === true ? { privateKey: node.privateKey, passphrase: node.passphrase } : {};
  try {
    node.connection = await SshConnection.open({ host: ip!, port: port!, login: login!, password, ...key, hostKeys: [hostKey!] });
    node.files = node.connection;
  } catch (error) {
    if (!console.isTerminal || !(error instanceof CodedError)) throw error;
    console.say(error.line());
    throw new GoBack(`${error.code === 'SSH_KEY_UNUSABLE' ? 'uses key' : 'login'} ${index}`);
  }
}
