// `aeneas task`: what the web page does, by command.

import { resolve } from 'node:path';
import type { TaskStatus, TaskSummary } from '@aeneas/protocol';
import { DONE, FINISHED_WITH_FINDINGS, INTERRUPTED, UNUSABLE } from '../exit.ts';
import { count, progressView } from '../progress.ts';
import { askServer } from '../server-client.ts';

interface ServerFlags {
  readonly server: string;
  readonly json?: boolean;
}

export interface CreateFlags extends ServerFlags {
  readonly name?: string;
  readonly agent?: readonly string[];
  readonly now?: number;
  readonly start?: boolean;
  readonly wait?: boolean;
}

export async function createTask(project: string, flags: CreateFlags): Promise<number> {
  const { name, agent, now, server } = flags;
  const made = await askServer(server, (api) => api.tasks.create({
    projectFile: resolve(project), ...(name === undefined ? {} : { name }), ...(agent === undefined ? {} : { agents: [...agent] }), ...(now === undefined ? {} : { nowSeconds: now }),
  }));
  if (flags.wait === true) return moveTask('start', made.id, flags);
  const status = flags.start === true ? await askServer(server, (api) => api.tasks.start({ id: made.id })) : made;
  show(flags, status, `${made.id}\n`);
  return DONE;
}

/** `start`, `stop` and `resume`; with --wait until the task is over or stopped. */
export async function moveTask(verb: 'start' | 'stop' | 'resume', id: string, flags: ServerFlags & { readonly wait?: boolean }): Promise<number> {
  const status = await askServer(flags.server, (api) => api.tasks[verb]({ id }));
  if (flags.wait === true) return waitForEnd(id, flags);
  show(flags, status, `${id} ${status.state}\n`);
  return DONE;
}

export async function deleteTask(id: string, flags: ServerFlags): Promise<number> {
  const { keptFiles, startedMillis, workspace } = await askServer(flags.server, (api) => api.tasks.get({ id }));
  await askServer(flags.server, (api) => api.tasks.delete({ id }));
  // An agent that does not answer may still have work of it.
  const isLeft = (await askServer(flags.server, (api) => api.tasks.list())).some((task) => task.id === id);
  const state = isLeft ? 'deleting' : 'deleted';
  const left = startedMillis === undefined ? [] : [
    'its tables in DynamoDB', `rejected rows and the report, if there are any, in ${workspace}`,
    ...(keptFiles === undefined ? [] : [`files that agents kept after the upload: ${keptFiles} in the output folder of each`]),
  ];
  const verdict = isLeft ? `${id} deleting: it is gone once the leases of agents that do not answer are over` : `${id} deleted`;
  show(flags, { id, state, left }, `${verdict}\n${left.map((what) => `  left: ${what}\n`).join('')}`);
  return DONE;
}

export async function taskStatus(id: string | undefined, flags: ServerFlags & { readonly wait?: boolean }): Promise<number> {
  if (id === undefined) {
    const tasks = await askServer(flags.server, (api) => api.tasks.list());
    show(flags, tasks, tasks.length === 0 ? 'There are no tasks.\n' : tasks.map((task) => `${line(task)}\n`).join(''));
    return DONE;
  }
  if (flags.wait === true) return waitForEnd(id, flags);
  const status = await askServer(flags.server, (api) => api.tasks.get({ id }));
  show(flags, status, statusText(status));
  return exitCodeOf(status);
}

const RECONNECT_MILLIS = 500;

async function waitForEnd(id: string, flags: ServerFlags): Promise<number> {
  const status = await followTask(id, flags.server);
  show(flags, status, statusText(status));
  return exitCodeOf(status);
}

/** Follows a task to its end, also over restarts of the server, with progress on stderr; its last status. */
export async function followTask(id: string, server: string, listen: (status: TaskStatus) => void = () => {}): Promise<TaskStatus> {
  const view = progressView(process.stderr);
  const hear = (status: TaskStatus): void => {
    listen(status);
    view.show({ ...status.totals, phase: status.tables.find((table) => table.phase !== 'done')?.phase ?? status.state, rejected: status.totals.rejectedRows });
  };
  try {
    for (;;) {
      const status = await follow(id, server, hear).catch((error: unknown) => {
        if ((error as { readonly code?: string }).code !== 'SERVER_UNREACHABLE') throw error;
        return undefined;
      });
      if (status !== undefined) return status;
      await new Promise((next) => setTimeout(next, RECONNECT_MILLIS));
    }
  } finally {
    view.end();
  }
}

function follow(id: string, server: string, hear: (status: TaskStatus) => void): Promise<TaskStatus | undefined> {
  return askServer(server, async (api) => {
    try {
      for await (const event of await api.tasks.events({ id })) {
        if (event.type !== 'status') continue;
        hear(event.status);
        if (isOver(event.status)) return event.status;
      }
    } catch (error) {
      // A stream that the server's end cut off is opened anew.
      if ((error as { readonly code?: unknown }).code !== undefined) throw error;
    }
    return undefined;
  });
}

function isOver({ state }: TaskStatus): boolean {
  return state === 'done' || state === 'failed' || state === 'stopped';
}

function exitCodeOf({ state, isClean }: TaskStatus): number {
  if (state === 'failed') return UNUSABLE;
  if (state === 'stopped') return INTERRUPTED;
  return state === 'done' && isClean === false ? FINISHED_WITH_FINDINGS : DONE;
}

function line({ id, state, totals, elapsedMillis }: TaskSummary): string {
  return `${id.padEnd(28)} ${state.padEnd(9)} ${String(Math.floor(totals.fraction * 100)).padStart(3)} %  tables ${totals.tablesDone}/${totals.tables}  `
    + `${count(totals.rows)} rows  ${count(totals.rejectedRows)} rejected  ${(elapsedMillis / 1000).toFixed(1)} s`;
}

function statusText(status: TaskStatus): string {
  const tables = status.tables.map((table) => {
    const { failure, lastError } = table;
    const verdict = table.isEqual === undefined ? '' : table.isEqual ? ', equal' : ', NOT equal';
    const trouble = failure !== undefined ? `\n    given up: ${failure.code}: ${failure.message}\n    ${failure.remedy}` : lastError === undefined ? '' : `\n    tried again after ${lastError.code}: ${lastError.message}`;
    const retries = table.retries === 0 ? '' : `\n    ${count(table.retries)} requests made again, the last after ${table.lastRetryReason}`;
    return `  ${table.table}: ${table.phase}, splits ${table.committedSplits}/${table.splits}, ${count(table.rows)} rows, ${count(table.loadedItems)} items loaded, ${count(table.rejectedRows)} rejected${verdict}${retries}${trouble}\n`;
  });
  const failure = status.failure === undefined ? '' : `  ${status.failure.code}: ${status.failure.message}\n  ${status.failure.remedy}\n`;
  return `${line(status)}\n${failure}${tables.join('')}`;
}

function show({ json }: ServerFlags, value: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text);
}
