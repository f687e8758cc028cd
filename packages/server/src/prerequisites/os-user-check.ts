// Looks at a node by SSH, as the user itself: whether it gets in, what it may as others, and whether it can read what it must.

import { readFile } from 'node:fs/promises';
import { hostKeyAt, hostKeyFingerprint, SshConnection } from '@aeneas/agent';
import type { CommandResult } from '@aeneas/agent';
import type { Finding, OsUserCheck } from '@aeneas/protocol';
import { CodedError } from '@aeneas/cassandra';
import { serverError } from '../errors.ts';

const COMMAND_MILLIS = 20_000;
/** Looking through a big directory may take its time; what was found until then counts. */
const LOOK_SECONDS = 10;

/** What a host shows, to be confirmed by a person. Throws SSH_UNREACHABLE. */
export async function shownHostKey(host: string, port: number): Promise<{ readonly type: string; readonly fingerprint: string }> {
  const { type, blob } = await hostKeyAt(host, port);
  return { type, fingerprint: hostKeyFingerprint(blob) };
}

/** Findings in the order in which they were looked for; after a login that failed there are no others. Throws SSH_KEY_FILE. */
export async function checkOsUser(order: OsUserCheck): Promise<Finding[]> {
  const { host, port, user, fingerprint, keyFile, passphrase, password } = order;
  const privateKey = keyFile === undefined ? undefined : await readKey(keyFile);
  const findings: Finding[] = [];
  try {
    const shown = await hostKeyAt(host, port);
    const found = hostKeyFingerprint(shown.blob);
    if (found !== fingerprint) return [{ name: 'Host key', state: 'failed', text: `${host} shows ${found} (${shown.type}), confirmed was ${fingerprint}`, remedy: 'Somebody may be between you and the node, or it was set up anew. Ask its administrator for the right fingerprint, and confirm that.' }];
    findings.push({ name: 'Host key', state: 'ok', text: `${found} (${shown.type}), as confirmed` });
    const connection = await SshConnection.open({ host, port, login: user, password, privateKey, passphrase, hostKeys: [shown] });
    try {
      findings.push({ name: 'Login', state: 'ok', text: `${user} gets in with ${privateKey === undefined ? 'its password' : 'its key'}` });
      const run = (command: string): Promise<CommandResult> => connection.run(command, COMMAND_MILLIS);
      findings.push(...groupFindings(await run('id -Gn'), user), await sudoFinding(run, order), await sshFolder(run));
      for (const directory of order.dataDirectories) findings.push(await directoryFinding(run, directory));
      findings.push(await configurationFinding(run, order));
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    findings.push({ name: findings.length === 0 ? 'Connection' : findings.length === 1 ? 'Login' : 'Connection', state: 'failed', text: `${error.code}: ${error.message}`, remedy: error.remedy });
  }
  return findings;
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw serverError('SSH_KEY_FILE', `The private key cannot be read: ${(error as Error).message}`, { file }, error);
  }
}

type Run = (command: string) => Promise<CommandResult>;

function groupFindings({ stdout }: CommandResult, user: string): Finding[] {
  const groups = stdout.trim().split(/\s+/);
  const isRoot = groups.includes('root');
  return [{
    name: 'Groups', state: isRoot ? 'warning' : 'ok', text: groups.join(', '),
    ...(isRoot ? { remedy: `Membership in root's group is not needed: "sudo gpasswd -d ${user} root".` } : {}),
  }];
}

async function sudoFinding(run: Run, { purpose, user }: OsUserCheck): Promise<Finding> {
  const { exitCode, stdout } = await run('sudo -n -l 2>/dev/null');
  const rules = [...stdout.matchAll(/^\s+\([^)]*\)\s+(.*)$/gm)].map(([, rule]) => rule!.trim());
  const name = 'Rights by sudo';
  if (exitCode !== 0 || rules.length === 0) {
    return purpose === 'read' ? { name, state: 'ok', text: 'none, and none are needed for reading' }
      : { name, state: 'failed', text: 'none without a password', remedy: `Cloning restarts Cassandra: add the rules for ${user} to /etc/sudoers.d, as the commands of this page do.` };
  }
  if (rules.some((rule) => /NOPASSWD: ALL\b/.test(rule))) return { name, state: 'warning', text: 'everything, as root (NOPASSWD: ALL)', remedy: 'That is more than needed: take the rules of the least privilege form.' };
  if (purpose === 'clone' && !rules.some((rule) => /cassandra/i.test(rule))) return { name, state: 'failed', text: rules.join('; '), remedy: 'None of them starts and stops Cassandra: add the rules of this page.' };
  return { name, state: 'ok', text: rules.join('; ') };
}

async function sshFolder(run: Run): Promise<Finding> {
  const name = 'Authorized keys';
  const { stdout } = await run('stat -c %a "$HOME/.ssh" "$HOME/.ssh/authorized_keys" 2>/dev/null');
  const [folder, file] = stdout.trim().split('\n');
  if (folder === undefined || folder === '' || file === undefined) return { name, state: 'warning', text: 'there is no ~/.ssh/authorized_keys', remedy: 'Logging in with a key needs it.' };
  const isOpen = [folder, file].some((mode) => (Number.parseInt(mode, 8) & 0o022) !== 0);
  return isOpen ? { name, state: 'failed', text: `.ssh has mode ${folder}, authorized_keys ${file}`, remedy: 'Others may write there, so sshd ignores it: "chmod 700 ~/.ssh && chmod 600 ~/.ssh/authorized_keys".' }
    : { name, state: 'ok', text: `.ssh has mode ${folder}, authorized_keys ${file}` };
}

async function directoryFinding(run: Run, directory: string): Promise<Finding> {
  const name = `Data in ${directory}`;
  const missing = await run(`[ -d ${quoted(directory)} ] || echo missing`);
  const access = 'Give the user the group that the files have, or an entry in their access list, as the commands of this page do; then log in anew.';
  if (missing.stdout.trim() === 'missing') return { name, state: 'failed', text: 'cannot be seen: it does not exist, or a folder above it is closed', remedy: `Compare it with data_file_directories in cassandra.yaml. ${access}` };
  // What cannot be read, or entered; find itself complains about folders that it may not list.
  const { stdout, stderr, exitCode } = await run(`timeout ${LOOK_SECONDS} find ${quoted(directory)} \\( ! -readable -o -type d ! -executable \\) -print -quit`);
  const closed = stdout.trim() || /find: .(.*).: Permission denied/.exec(stderr)?.[1];
  if (closed !== undefined && closed !== '') return { name, state: 'failed', text: `${closed} cannot be read`, remedy: access };
  const { stdout: files } = await run(`timeout ${LOOK_SECONDS} find ${quoted(directory)} -name '*-Data.db' -print -quit`);
  if (files.trim() === '') return { name, state: 'warning', text: 'can be read, but holds no SSTables', remedy: 'Compare it with data_file_directories in cassandra.yaml; flush the node if it is new.' };
  return exitCode === 124 ? { name, state: 'warning', text: `what was looked at within ${LOOK_SECONDS} s can be read; there is more` } : { name, state: 'ok', text: 'all of it can be read' };
}

async function configurationFinding(run: Run, { configuration, purpose }: OsUserCheck): Promise<Finding> {
  const file = `${configuration.replace(/\/$/, '')}/cassandra.yaml`;
  const { stdout } = await run(`[ -r ${quoted(file)} ] && echo read; [ -w ${quoted(file)} ] && echo write; true`);
  const name = 'cassandra.yaml';
  if (!stdout.includes('read')) return { name, state: 'failed', text: `${file} cannot be read`, remedy: 'Check the folder of the configuration, and its rights.' };
  if (purpose === 'clone' && !stdout.includes('write')) return { name, state: 'failed', text: `${file} cannot be written`, remedy: 'Cloning changes it: give the user an entry in its access list, as the commands of this page do.' };
  return { name, state: 'ok', text: `${file} can be ${purpose === 'clone' ? 'written' : 'read'}` };
}

function quoted(path: string): string {
  return `'${path.replaceAll('\'', '\'\\\'\'')}'`;
}
