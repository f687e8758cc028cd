// Agents and their machines as a table, and below each what somebody should look at.

import type { AgentDetail } from '@aeneas/protocol';

const GB = 1024 ** 3;
const HEADS = ['AGENT', 'HEALTH', 'JOBS', 'VERSION', 'HOST', 'LOAD', 'FREE MEMORY', 'FREE DISK', 'MOUNTS', 'CASSANDRA', 'TABLES', 'ADDRESS'];

/** A line for each agent; `-`: it does not tell. */
export function agentListText(agents: readonly AgentDetail[]): string {
  const rows = agents.map(cellsOf);
  const widths = HEADS.map((head, column) => Math.max(head.length, ...rows.map((cells) => cells[column]!.length)));
  const lineOf = (cells: readonly string[]): string => `${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`;
  return lineOf(HEADS) + agents.map((agent, i) => lineOf(rows[i]!) + remarksOf(agent)).join('');
}

function cellsOf({ name, url, health, workers, readMegabytesPerSecond, runningJobs, version, machine, freeDiskBytes }: AgentDetail): string[] {
  const speed = typeof readMegabytesPerSecond === 'number' ? `, ${readMegabytesPerSecond} MB/s` : '';
  const mounted = machine?.mounts.filter(({ state }) => state === 'mounted').length;
  return [
    name, health, `${runningJobs} on ${workers} workers${speed}`, version ?? '-',
    ...(machine === undefined ? ['-', '-', '-', '-', '-'] : [
      machine.hostName, `${machine.load.toFixed(2)} on ${machine.cores} CPUs`, `${gigabytes(machine.freeMemoryBytes)} of ${gigabytes(machine.totalMemoryBytes)}`,
      `${gigabytes(freeDiskBytes ?? 0)} of ${gigabytes(machine.diskBytes)}`, machine.mounts.length === 0 ? 'none' : `${mounted} of ${machine.mounts.length}`,
    ]),
    machine?.source === undefined ? '-' : machine.source.cassandraVersions.join(', ') || 'unknown',
    machine?.source === undefined ? '-' : `${machine.source.tables}, ${gigabytes(machine.source.sizeBytes)}`,
    url ?? 'within the server',
  ];
}

function remarksOf({ error, notices = [] }: AgentDetail): string {
  return [
    ...(error === undefined ? [] : [`${error.code}: ${error.message}`]),
    ...notices.map(({ level, text }) => `${level}: ${text}`),
  ].map((remark) => `  ${remark}\n`).join('');
}

function gigabytes(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
