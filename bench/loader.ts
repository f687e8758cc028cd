// The built-in loader: a whole `aeneas migrate` into a sink that acknowledges at once, of which the load phase is taken out.

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Measured } from './report.ts';
import { writeTable } from './tables.ts';

const AENEAS = fileURLToPath(new URL('../node_modules/.bin/aeneas', import.meta.url));
const ROWS = 200_000;
/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** What the process had used when a phase began. */
interface Mark {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface MigrationLine {
  readonly type: string;
  readonly phase?: string;
  readonly thisRun?: { readonly loadedItems: number };
}

export async function measureLoader(scratch: string): Promise<Measured[]> {
  const directory = join(scratch, 'loader');
  const [table] = writeTable(directory, ROWS);
  const sink = fork(new URL('sink.ts', import.meta.url));
  try {
    const [{ endpoint }] = (await once(sink, 'message')) as [{ endpoint: string }];
    const project = join(scratch, 'loader.yaml');
    // JSON is YAML.
    writeFileSync(project, JSON.stringify({
      source: { directories: [directory], schema: table!.schemaFile },
      target: { region: 'us-east-1', endpoint },
      staging: { folder: join(scratch, 'staging') },
      workspace: join(scratch, 'workspace'),
      validation: 'off',
    }));
    const { marks, items, peakMegabytes } = await migrate(project);
    const [load, done] = [marks.get('load')!, marks.get('done')!];
    sink.send('how much?');
    const [{ writtenBytes }] = (await once(sink, 'message')) as [{ writtenBytes: number }];
    return [{
      what: 'built-in loader', input: 'requests to a sink', rows: items, bytes: writtenBytes,
      wallSeconds: done.seconds - load.seconds, cpuSeconds: done.cpuSeconds - load.cpuSeconds, peakMegabytes,
    }];
  } finally {
    sink.kill();
  }
}

async function migrate(project: string): Promise<{ marks: Map<string, Mark>; items: number; peakMegabytes: number }> {
  const started = performance.now();
  const child = spawn(AENEAS, ['migrate', '--json', project], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const marks = new Map<string, Mark>();
  let items = 0;
  let peakMegabytes = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, phase, thisRun } = JSON.parse(line) as MigrationLine;
    if (type === 'phase') marks.set(phase!, { seconds: (performance.now() - started) / 1000, cpuSeconds: cpuSecondsOf(child.pid!) });
    if (type === 'report') items = thisRun!.loadedItems;
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid!));
  }
  const [status] = await ended;
  if (status !== 0) throw new Error(`aeneas migrate ended with ${status}`);
  return { marks, items, peakMegabytes };
}

/** User and system time of a process that lives. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
