import { open, stat } from 'node:fs/promises';
import type { AgentOutput } from '@aeneas/protocol';
import { agentError } from '../errors.ts';

/** Whole lines of a file of rejected rows, from a byte on; `nextOffset` is behind the last of them. Throws AGENT_PATH_REFUSED. */
export async function rejectedLines(file: string, offset: number, maxBytes: number): Promise<AgentOutput<'rejectedRows'>> {
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) throw agentError('AGENT_PATH_REFUSED', 'There is no such file of rejected rows', { file });
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    return { text: buffer.toString('utf8', 0, end), nextOffset: offset + end };
  } finally {
    await handle.close();
  }
}
