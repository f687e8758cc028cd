// What the service runs: the agent with the settings of this machine, and an eye on its mounts.

import type { AgentSettings } from '../service/settings.ts';
import { startAgent } from '../service/agent.ts';
import type { StorePasswords } from '../service/security.ts';
import { extractorError } from './errors.ts';
import { openLog } from './log.ts';
import { knownKeys } from './known-hosts.ts';
import { STORE_SECRETS, nodeDirectories, secretNames } from './nodes.ts';
import type { ExtractorPaths } from './paths.ts';
import { SealedSecrets } from './sealed.ts';
import type { SftpNode } from './sftp-files.ts';
import { untilStopped } from './stopping.ts';

/** Until SIGTERM or Ctrl-C; then running jobs are ended in order. */
export async function runService(settings: AgentSettings, paths: ExtractorPaths): Promise<number> {
  const storePassword = settings.security.mode === 'mutual-tls' ? await storePasswords(paths) : undefined;
  const log = openLog(storePassword === undefined ? [] : Object.values(storePassword));
  const agent = await startAgent(settings, { storePassword, sftp: await sftpNodes(settings, paths), log });
  await untilStopped();
  await agent.stop();
  return 0;
}

/** The nodes that are read over SFTP, with what it takes to log in. */
export async function sftpNodes(settings: AgentSettings, paths: ExtractorPaths): Promise<SftpNode[]> {
  const nodes = settings.nodes.filter(({ access }) => access === 'sftp');
  if (nodes.length === 0) return [];
  const secrets = await SealedSecrets.open(paths);
  return Promise.all(nodes.map(async (node) => {
    const names = secretNames(node.ip);
    return {
      target: {
        host: node.ip, port: node.port, login: node.login ?? '', password: await secrets.text(names.password), privateKey: await secrets.text(names.key), passphrase: await secrets.text(names.passphrase),
        hostKeys: await knownKeys([paths.knownHosts], node.ip, node.port),
      },
      directories: nodeDirectories(node, settings.mountDirectory).map(({ local, remote }) => ({ local, remote })),
    };
  }));
}

async function storePasswords(paths: ExtractorPaths): Promise<StorePasswords> {
  const secrets = await SealedSecrets.open(paths);
  const [keyStore, trustStore] = await Promise.all([secrets.text(STORE_SECRETS.keyStore), secrets.text(STORE_SECRETS.trustStore)]);
  if (keyStore === undefined || trustStore === undefined) throw extractorError('SEALED_UNREADABLE', 'The passwords of the stores are not sealed here');
  return { keyStore, trustStore };
}
