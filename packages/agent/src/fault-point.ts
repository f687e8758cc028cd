// Where a crash would hurt most, by name. AENEAS_KILL_AT=checkpoint-recorded:3 makes the third passage of that point end the
// process as `kill -9` does. The kill tests use it to stop between any two effects; without the variable it costs one comparison.

const wanted = process.env.AENEAS_KILL_AT;
const colon = wanted?.lastIndexOf(':') ?? -1;
const wantedName = wanted?.slice(0, colon);
let passagesLeft = wanted === undefined ? 0 : Number(wanted.slice(colon + 1));

/** The points, in the order in which a migration passes them. */
export const FAULT_POINTS = [
  'workspace-created', 'inputs-pinned', 'table-create-sent', 'table-prepared', 'splits-planned', 'attempt-leased', 'file-written', 'file-uploading',
  'file-staged', 'checkpoint-recorded', 'split-committed', 'orphans-swept', 'items-acknowledged', 'load-recorded', 'validation-source-read',
  'validation-target-read', 'validation-recorded', 'report-written',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Ends the process when the environment asks for it at this point. */
export function faultPoint(name: FaultPoint): void {
  if (wantedName !== name) return;
  passagesLeft--;
  if (passagesLeft === 0) process.kill(process.pid, 'SIGKILL');
}
