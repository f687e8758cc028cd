// What the dialogue knows so far: answers of an earlier configuration to begin with, then those of now.

import type { AgentSettings } from '../service/settings.ts';
import type { CassandraConfiguration, NodeFiles } from './inspect-node.ts';
import type { HostKey } from './known-hosts.ts';
import { STORE_SECRETS, secretNames } from './nodes.ts';
import type { NodeSettings } from './nodes.ts';
import type { SealedSecrets } from './sealed.ts';
import type { SshConnection } from './ssh.ts';

export interface NodeDraft {
  ip?: string;
  port?: number;
  login?: string;
  password?: string | undefined;
  usesKey?: boolean;
  /** Content of the key file. */
  privateKey?: string | undefined;
  passphrase?: string | undefined;
  hostKey?: HostKey;
  connection?: SshConnection | undefined;
  files?: NodeFiles;
  confDirectory?: string | undefined;
  found?: CassandraConfiguration | undefined;
  dataDirectories?: readonly string[] | undefined;
  commitlogDirectory?: string | undefined;
  cdcRawDirectory?: string | undefined;
}

export interface StoreDraft {
  content: Buffer;
  /** Of the copy beside the settings. */
  fileName: string;
  password: string;
}

export interface Draft {
  nodes: NodeDraft[];
  usesSsl?: boolean;
  keyStore?: StoreDraft;
  trustStore?: StoreDraft;
  /** Only when it is set anew. */
  servicePassword?: string;
  outputDirectory?: string;
  /** Said at the end, once more. */
  readonly warnings: Set<string>;
  readonly before: AgentSettings | undefined;
}

export async function draftOf(before: AgentSettings | undefined, secrets: SealedSecrets): Promise<Draft> {
  const nodes = await Promise.all((before?.nodes ?? []).map(async (node): Promise<NodeDraft> => {
    const names = secretNames(node.ip);
    const privateKey = await secrets.text(names.key);
    return {
      ip: node.ip, port: node.port, ...(node.login === undefined ? {} : { login: node.login }),
      privateKey, usesKey: privateKey !== undefined, passphrase: await secrets.text(names.passphrase), password: await secrets.text(names.password),
      confDirectory: node.confDirectory, dataDirectories: node.dataDirectories,
    };
  }));
  return { nodes, warnings: new Set(), before };
}

/** A finished draft of a node as the settings have it. */
export function settingsOfNode(node: NodeDraft, access: NodeSettings['access']): NodeSettings {
  const { ip, port, login, confDirectory, dataDirectories, commitlogDirectory, cdcRawDirectory } = node;
  return {
    ip: ip!, port: port ?? 22, ...(login === undefined ? {} : { login }), access,
    confDirectory: confDirectory!, dataDirectories: [...dataDirectories!],
    ...(commitlogDirectory === undefined ? {} : { commitlogDirectory }), ...(cdcRawDirectory === undefined ? {} : { cdcRawDirectory }),
  };
}

/** Seals what the draft has of a node, and forgets what it has no longer. */
export async function sealNode(node: NodeDraft, secrets: SealedSecrets): Promise<void> {
  const names = secretNames(node.ip!);
  const wanted = [
    [names.password, node.password],
    [names.key, node.usesKey === true ? node.privateKey : undefined],
    [names.passphrase, node.usesKey === true ? node.passphrase : undefined],
  ] as const;
  for (const [name, secret] of wanted) {
    if (secret === undefined) await secrets.remove(name);
    else await secrets.put(name, secret);
  }
}

export async function sealStores({ usesSsl, keyStore, trustStore }: Draft, secrets: SealedSecrets): Promise<void> {
  for (const [name, store] of [[STORE_SECRETS.keyStore, keyStore], [STORE_SECRETS.trustStore, trustStore]] as const) {
    if (usesSsl === true && store !== undefined) await secrets.put(name, store.password);
    else await secrets.remove(name);
  }
}
