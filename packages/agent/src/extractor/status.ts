// `cassandra-data-extractor status`: what an operator wants to know at a glance, without asking a server.

import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, hostname, loadavg, totalmem } from 'node:os';
import { connect } from 'node:tls';
import { CodedError } from '@aeneas/cassandra';
import type { AgentSettings } from '../service/settings.ts';
import { surveySource } from '../service/source-survey.ts';
import type { SourceSurvey } from '../service/source-survey.ts';
import { localSourceFiles } from '../source-files.ts';
import { AGENT_VERSION } from '../version.ts';
import { mountState } from './mount-state.ts';
import type { MountState } from './mount-state.ts';
import type { NodeDirectory } from './nodes.ts';
import { withSftp } from './sftp-files.ts';
import type { SftpNode } from './sftp-files.ts';

const CONNECT_MILLIS = 3_000;
const BYTES_PER_MB = 1024 * 1024;

interface Certificate {
  readonly fingerprint: string;
  readonly endsAt: string;
}

interface MachineStatus {
  readonly version: string;
  readonly hostName: string;
  readonly cores: number;
  readonly load: number;
  readonly totalMemoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly outputDirectory: string;
  readonly freeDiskBytes: number;
  readonly port: number;
  /** Of the agent that runs; undefined when none does. */
  readonly certificate: Certificate | undefined;
  readonly mounts: readonly (Pick<NodeDirectory, 'node' | 'kind' | 'remote' | 'local' | 'access'> & { readonly state: MountState })[];
  readonly source: SourceSurvey | { readonly problem: string };
}

/** 1 when the agent does not run, or a mount is not there. */
export async function showStatus(settings: AgentSettings, sftp: readonly SftpNode[], isJson: boolean): Promise<number> {
  const status = await statusOf(settings, sftp);
  process.stdout.write(isJson ? `${JSON.stringify(status)}\n` : statusText(status));
  return status.certificate !== undefined && status.mounts.every(({ state, access }) => access !== 'mount' || state === 'mounted') ? 0 : 1;
}

async function statusOf(settings: AgentSettings, sftp: readonly SftpNode[]): Promise<MachineStatus> {
  const mounts = await Promise.all(settings.nodeDirectories.map(async ({ node, kind, remote, local, access }) => ({
    node, kind, remote, local, access, state: access === 'mount' ? await mountState({ local }) : 'mounted' as const,
  })));
  const isComplete = mounts.every(({ state }) => state === 'mounted');
  const { bavail, bsize } = await statfs(settings.outputDirectory).catch(() => ({ bavail: Number.NaN, bsize: 0 }));
  return {
    version: AGENT_VERSION, hostName: hostname(), cores: availableParallelism(), load: loadavg()[0], totalMemoryBytes: totalmem(), freeMemoryBytes: freemem(),
    outputDirectory: settings.outputDirectory, freeDiskBytes: bavail * bsize, port: settings.port, certificate: await certificateShown(settings), mounts,
    source: isComplete ? await surveySource(settings.dataDirectories, withSftp(localSourceFiles, sftp)).catch((error: unknown) => ({ problem: problemOf(error) })) : { problem: 'not looked at while a mount is missing' },
  };
}

function problemOf(error: unknown): string {
  return error instanceof CodedError ? error.line() : error instanceof Error ? error.message : String(error);
}

/** Whether an agent listens, and with which certificate: that is shown to everybody. */
function certificateShown({ host, port }: AgentSettings): Promise<Certificate | undefined> {
  const { promise, resolve } = Promise.withResolvers<Certificate | undefined>();
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const socket = connect({ host: address, port, rejectUnauthorized: false, timeout: CONNECT_MILLIS }, () => {
    const { fingerprint256, valid_to: endsAt } = socket.getPeerCertificate();
    resolve({ fingerprint: fingerprint256, endsAt });
    socket.destroy();
  });
  for (const event of ['error', 'timeout', 'close']) {
    socket.on(event, () => {
      resolve(undefined);
      socket.destroy();
    });
  }
  return promise;
}

function statusText(status: MachineStatus): string {
  const megabytes = (bytes: number): string => (Number.isNaN(bytes) ? '?' : `${Math.round(bytes / BYTES_PER_MB).toLocaleString('en')} MB`);
  const { certificate, source } = status;
  const lines = [
    `Agent ${status.version} on ${status.hostName}: ${status.cores} CPUs, load ${status.load.toFixed(2)}, memory ${megabytes(status.freeMemoryBytes)} free of ${megabytes(status.totalMemoryBytes)}`,
    certificate === undefined ? `Nothing listens on port ${status.port}: the service is not running` : `It listens on port ${status.port}; certificate (SHA-256) ${certificate.fingerprint}, until ${certificate.endsAt}`,
    `Output folder ${status.outputDirectory}: ${megabytes(status.freeDiskBytes)} free`,
    ...status.mounts.map(({ node, remote, local, access, state }) => `${(access === 'mount' ? state : access).padEnd(8)} ${node}:${remote} at ${local}`),
    ...('problem' in source ? [`Source: ${source.problem}`] : [
      `Cassandra ${source.cassandraVersions.length === 0 ? 'of unknown version (no system tables found)' : source.cassandraVersions.join(', ')}; ${source.tables.length} tables`,
      ...source.tables.map(({ table, sizeBytes, error }) => `  ${megabytes(sizeBytes).padStart(12)}  ${table}${error === undefined ? '' : `  ${error}`}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
