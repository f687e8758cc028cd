// The command line of cassandra-data-extractor, with the seed's `-mnt`.

import { parseArgs } from 'node:util';
import { extractorError } from './errors.ts';
import { ACTIONS } from './help.ts';
import type { Action } from './help.ts';

export interface CommandLine {
  readonly action: Action;
  /** With help: of what. */
  readonly topic: Action;
  readonly root: string | undefined;
  readonly json: boolean;
  readonly access: 'mount' | 'sftp' | 'local';
  readonly hostKeys: ReadonlyMap<string, string>;
  readonly mendsKeyPermissions: boolean;
  readonly setsAllowOther: boolean | undefined;
  readonly port: number | undefined;
  readonly cassandraVersion: string | undefined;
}

/** Throws EXTRACTOR_USAGE. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const { values, positionals } = parsed(words.map((word) => (word === '-mnt' ? '--mount' : word)));
  const named = ACTIONS.filter((action) => (values as Record<string, unknown>)[action] === true || positionals.includes(action));
  const unknown = positionals.find((word) => !(ACTIONS as readonly string[]).includes(word));
  if (unknown !== undefined) throw extractorError('EXTRACTOR_USAGE', `There is no command "${unknown}"`);
  const topics = named.filter((action) => action !== 'help');
  if (topics.length > 1) throw extractorError('EXTRACTOR_USAGE', `Only one of ${topics.join(', ')} at a time`);
  if (values.sftp === true && values.local === true) throw extractorError('EXTRACTOR_USAGE', 'Only one of --sftp and --local');
  return {
    action: named.includes('help') ? 'help' : named[0] ?? 'help', topic: topics[0] ?? 'help',
    root: values.root, json: values.json === true,
    access: values.sftp === true ? 'sftp' : values.local === true ? 'local' : 'mount',
    hostKeys: new Map((values['host-key'] ?? []).map(hostKey)),
    mendsKeyPermissions: values['fix-key-permissions'] === true,
    setsAllowOther: values['allow-other'],
    port: values.port === undefined ? undefined : port(values.port),
    cassandraVersion: values['cassandra-version'] === undefined ? undefined : version(values['cassandra-version']),
  };
}

function parsed(words: string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: words, allowPositionals: true, strict: true,
      options: {
        configure: flag, mount: flag, unmount: flag, version: { ...flag, short: 'V' }, help: { ...flag, short: 'h' },
        root: text, json: flag, sftp: flag, local: flag, 'host-key': { ...text, multiple: true }, 'fix-key-permissions': flag, 'allow-other': flag, port: text, 'cassandra-version': text,
      },
    });
  } catch (error) {
    throw extractorError('EXTRACTOR_USAGE', (error as Error).message.split('. ')[0], {}, error);
  }
}

function hostKey(value: string): [node: string, fingerprint: string] {
  const [, node, fingerprint] = /^(?:(.+)=)?(SHA256:[A-Za-z0-9+/]{43})=?$/.exec(value) ?? [];
  if (fingerprint === undefined) throw extractorError('EXTRACTOR_USAGE', `--host-key wants NODE=SHA256:..., as "ssh-keygen -lf" prints it; "${value}" is something else`);
  return [node ?? '*', fingerprint];
}

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65_535) throw extractorError('EXTRACTOR_USAGE', `--port ${value}: 1 to 65535`);
  return Number(value);
}

function version(value: string): string {
  if (!/^[2-5](?:\.\d+)*$/.test(value)) throw extractorError('EXTRACTOR_USAGE', `--cassandra-version ${value}: 2, 3, 4 or 5`);
  return value;
}
