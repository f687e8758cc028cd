import type { Live } from '../live-store.ts';
import { STATE_TEXT } from '../words.ts';

/** Fact -> how it is said. */
export function facts({ connection, overview, task }: Pick<Live, 'connection' | 'overview' | 'task'>): ReadonlyMap<string, string> {
  return new Map([
    ['connection', connection === 'lost' ? '' : 'The server answers.'],
    ...(overview?.tasks ?? []).map(({ id, name, state }) => [`task ${id}`, `Task ${name}: ${STATE_TEXT[state]}.`] as const),
    ...(overview?.agents ?? []).map(({ name, health }) => [`agent ${name}`, `Agent ${name} is ${health}.`] as const),
    ...(task?.status?.tables ?? []).map(({ table, phase, failure }) => [`table ${table}`, failure === undefined ? `Table ${table}: ${phase}.` : `Table ${table} failed.`] as const),
  ]);
}
