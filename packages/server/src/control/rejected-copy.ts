// Rejected rows are written where the agent is; the report is made here. So what a segment vouches for is fetched before it is recorded.

import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeError } from '@aeneas/agent';
import type { AgentOutput } from '@aeneas/protocol';
import type { AgentClient } from './agent-client.ts';

type JobEvents = AgentOutput<'pollJob'>['events'];

const MAX_BYTES = 1024 * 1024;

/** The events with paths of this machine. An agent that shares it (without `rejectedRows`) has written them here itself. */
export async function withLocalRejects(events: JobEvents, client: AgentClient, folder: string, name: string): Promise<JobEvents> {
  const fetchRows = client.rejectedRows?.bind(client);
  if (fetchRows === undefined) return events;
  const local: JobEvents = [];
  for (const entry of events) {
    const { event } = entry;
    if (event.type !== 'segment' || event.segment.rejectedFile === undefined) {
      local.push(entry);
      continue;
    }
    const path = join(folder, `${name}.jsonl`);
    await makeFolder(folder);
    await copyUpTo(event.segment.rejectedBytes, path, (offset) => fetchRows({ file: event.segment.rejectedFile!, offset, maxBytes: MAX_BYTES }));
    local.push({ ...entry, event: { ...event, segment: { ...event.segment, rejectedFile: path } } });
  }
  return local;
}

/** What is there already was fetched for an earlier segment, or before a crash: the agent only ever appends. */
async function copyUpTo(size: number, path: string, read: (offset: number) => Promise<AgentOutput<'rejectedRows'>>): Promise<void> {
  let offset = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (offset >= size) return;
  try {
    const file = await open(path, 'a');
    try {
      while (offset < size) {
        const { text, nextOffset } = await read(offset);
        if (nextOffset <= offset) break;
        await file.write(Buffer.from(text, 'utf8'));
        offset = nextOffset;
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeError(path, error);
  }
}
