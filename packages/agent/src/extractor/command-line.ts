// The command line of cassandra-data-extractor, with the seed's `-mnt`.

import { parseArgs } from 'node:util';
import { extractorError } from './errors.ts';

export const HELP = `cassandra-data-extractor: extracts the data of Apache Cassandra nodes for Aeneas.

  sudo cassandra-data-extractor --configure     ask for nodes, stores and output folder; mount the nodes; write the settings
  sudo cassandra-data-extractor -mnt            mount what is not mounted (--mount)
  sudo cassandra-data-extractor --unmount       end the mounts
  sudo systemctl start cassandra-data-extractor
  cassandra-data-extractor status               settings, mounts, disk, certificate, Cassandra's version, tables and their sizes
  cassandra-data-extractor run                  what the service runs
  cassandra-data-extractor watch-mounts         what the service of the mounts runs: mounts, watches, and mounts anew

With --configure answers may come from a pipe, one a line; then these take the place of what is asked at a terminal only:
  --host-key NODE=SHA256:...    the node's host key, where it is not in known_hosts; may be repeated
  --fix-key-permissions         set private keys that others can read to 600
  --allow-other                 set user_allow_other in /etc/fuse.conf
  --port PORT                   the agent's own port (8080)
  --cassandra-version VERSION   2, 3, 4 or 5, where no node can be asked
  --sftp                        read over SFTP instead of mounting
  --local                       the agent is on the node itself: nothing is mounted

  --json                        status as JSON
  --root DIR                    everything under DIR instead of / (also CASSANDRA_DATA_EXTRACTOR_ROOT)
  --version, --help

Exit codes: 0 done; 1 done, but something is not as it should be; 2 unusable arguments, answers or settings.
`;

const ACTIONS = ['configure', 'mount', 'unmount', 'run', 'status', 'watch-mounts', 'version', 'help'] as const;
type Action = (typeof ACTIONS)[number];

export interface CommandLine {
  readonly action: Action;
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
  if (named.length > 1) throw extractorError('EXTRACTOR_USAGE', `Only one of ${named.join(', ')} at a time`);
  if (values.sftp === true && values.local === true) throw extractorError('EXTRACTOR_USAGE', 'Only one of --sftp and --local');
  return {
    action: named[0] ?? 'help',
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
