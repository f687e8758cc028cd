// What somebody should look at, from what an agent tells of its machine. The words are the same for the page and the command line, and
// change only with what they say: a page that is open is told of every change.

import type { AgentOutput, AgentStatus } from '@aeneas/protocol';

type Notice = NonNullable<AgentStatus['notices']>[number];

const DAY_MILLIS = 86_400_000;
const EXPIRY_WARNING_DAYS = 30;
/** The seed's advice is 8 virtual CPUs and 16 GB, of which the kernel keeps some for itself. */
const ADVISED_CORES = 8;
const ADVISED_MEMORY_BYTES = 15 * 1024 ** 3;
/** With less than this many times the reserve, the disk is nearly full. */
const LOW_DISK_FACTOR = 2;

/** Warnings first. */
export function noticesOf({ machine, freeBytes }: Pick<AgentOutput<'health'>, 'machine' | 'freeBytes'>, nowMillis: number): Notice[] {
  if (machine === undefined) return [];
  const { cores, totalMemoryBytes, isPausedForDisk, diskReserveBytes, certificateEndsMillis, mounts, source } = machine;
  const warnings: string[] = [];
  const ends = new Date(certificateEndsMillis).toISOString().slice(0, 10);
  if (certificateEndsMillis < nowMillis) warnings.push(`Its certificate expired on ${ends}: make a new one`);
  else if (certificateEndsMillis - nowMillis < EXPIRY_WARNING_DAYS * DAY_MILLIS) warnings.push(`Its certificate ends on ${ends}: make a new one before`);
  for (const { node, kind, state } of mounts) {
    if (state === 'lost' || state === 'missing') warnings.push(`The mount of ${kind} of node ${node} is ${state}: it is made anew once the node answers`);
  }
  if (isPausedForDisk) warnings.push('Reading is paused, since the disk of the output folder is nearly full: it goes on once there is room');
  else if (freeBytes < diskReserveBytes * LOW_DISK_FACTOR) warnings.push('The disk of the output folder is nearly full: reading will pause');
  const unread = (source?.shown ?? []).filter(({ error }) => error !== undefined);
  if (unread.length > 0) warnings.push(`Tables that it cannot read: ${unread.map(({ table, error }) => `${table} (${error})`).join(', ')}`);
  const small = cores < ADVISED_CORES || totalMemoryBytes < ADVISED_MEMORY_BYTES;
  return [
    ...warnings.map((text) => ({ level: 'warning' as const, text })),
    ...(small ? [{ level: 'advice' as const, text: `It has ${cores} CPUs and ${Math.round(totalMemoryBytes / 1024 ** 3)} GB of memory: 8 and 16 are advised` }] : []),
  ];
}
