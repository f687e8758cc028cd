// How long loading takes at least, by what bounds it: the capacity of tables, single partition keys, and how fast this machine reads.

import type { TableAssessment } from '@aeneas/agent';
import type { AssessableProject } from '../project.ts';

/** Of a new on-demand table: AWS, Amazon DynamoDB Developer Guide, "Initial throughput for on-demand capacity mode". */
const NEW_TABLE_UNITS = 4_000;
/** Default quota of a table on demand: "Quotas in Amazon DynamoDB". */
const TABLE_QUOTA_UNITS = 40_000;

export interface LoadTime {
  readonly name: string;
  readonly seconds: number;
  readonly note: string;
}

/** Lower bounds. Tables are loaded side by side, so the largest decides where the limit is a table's. */
export function loadTimes({ writeCapacityUnits }: AssessableProject, tables: readonly Pick<TableAssessment, 'volume' | 'sampledRows' | 'sampledSeconds'>[], workers: number): LoadTime[] {
  const units = tables.map(({ volume }) => volume.writeUnits);
  // Each index has limits of its own, beside its table's.
  const largest = Math.max(0, ...tables.map(({ volume }) => volume.writeUnits - volume.indexWriteUnits));
  const ceiling = writeCapacityUnits;
  const rows = tables.reduce((sum, { volume }) => sum + volume.rows, 0);
  const sampled = tables.reduce((sum, { sampledRows }) => sum + sampledRows, 0);
  const sampledSeconds = tables.reduce((sum, { sampledSeconds: seconds }) => sum + seconds, 0);
  return [
    { name: 'extraction', seconds: sampled === 0 ? 0 : rows / (sampled / sampledSeconds) / workers, note: `reading and mapping, at the speed of the sample on this machine with ${workers} ${workers === 1 ? 'worker' : 'workers'}` },
    ...(ceiling === undefined ? [
      { name: 'built-in, new tables on demand', seconds: largest / NEW_TABLE_UNITS, note: `${NEW_TABLE_UNITS.toLocaleString('en-US')} write units a second for each new table; it grows with use, or by warm throughput` },
      { name: 'built-in, at the default quota', seconds: largest / TABLE_QUOTA_UNITS, note: `${TABLE_QUOTA_UNITS.toLocaleString('en-US')} write units a second for each table` },
    ] : [{ name: 'built-in', seconds: units.reduce((sum, one) => sum + one, 0) / ceiling, note: `writeCapacityUnits: ${ceiling.toLocaleString('en-US')} over all tables` }]),
  ];
}
