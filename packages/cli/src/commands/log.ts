import { DONE } from '../exit.ts';
import { askServer } from '../server-client.ts';

export interface LogFlags {
  readonly server: string;
  readonly json?: boolean;
  readonly task?: string;
  readonly limit: number;
}

/** `aeneas log`: an entry a line, oldest first. */
export async function printLog({ server, json, task, limit }: LogFlags): Promise<number> {
  const entries = await askServer(server, (api) => api.log({ limit, ...(task === undefined ? {} : { task }) }));
  const lines = entries.map((entry) => (json === true ? JSON.stringify(entry)
    : [new Date(entry.millis).toISOString(), entry.task ?? '-', entry.kind, entry.text].join('  ')));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return DONE;
}
