// Where the installed agent keeps what. The names are the seed's (docs/AGENT.md has the table of old and new names).

import { join, resolve } from 'node:path';

/** User of the service; made by the package. */
export const SERVICE_USER = 'cassandra-data-extractor';
const NAME = SERVICE_USER;

export interface ExtractorPaths {
  /** Everything below is under it; "/" unless for tests and images. */
  readonly root: string;
  readonly configDirectory: string;
  readonly settings: string;
  /** Cassandra's version as asked for at the installation. */
  readonly defaultVersion: string;
  /** Host keys of the nodes, for ssh2 and sshfs alike. */
  readonly knownHosts: string;
  readonly sealedDirectory: string;
  /** Not beside what it opens: a backup of the configuration alone gives nothing away. */
  readonly sealingKey: string;
  readonly logDirectory: string;
  readonly mountDirectory: string;
  /** In memory: what ssh needs while a mount is made. */
  readonly runDirectory: string;
  readonly fuseConfiguration: string;
  /** A drop-in of the service's unit. */
  readonly unitFolders: string;
}

/** `root` from --root or CASSANDRA_DATA_EXTRACTOR_ROOT. */
export function extractorPaths(root = process.env.CASSANDRA_DATA_EXTRACTOR_ROOT ?? '/'): ExtractorPaths {
  const base = resolve(root);
  const configDirectory = join(base, 'etc', NAME);
  return {
    root: base,
    configDirectory,
    settings: join(configDirectory, 'agent-settings.yaml'),
    defaultVersion: join(configDirectory, 'default-version'),
    knownHosts: join(configDirectory, 'known_hosts'),
    sealedDirectory: join(configDirectory, 'sealed'),
    sealingKey: join(base, 'var/lib', NAME, 'sealing.key'),
    logDirectory: join(base, 'var/log', NAME),
    mountDirectory: join(base, 'mnt', NAME),
    runDirectory: join(base, 'run', NAME),
    fuseConfiguration: join(base, 'etc/fuse.conf'),
    unitFolders: join(base, 'etc/systemd/system', `${NAME}.service.d/folders.conf`),
  };
}
