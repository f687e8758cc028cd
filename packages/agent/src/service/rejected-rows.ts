import { open, stat } from 'node:fs/promises';
import type { AgentOutput } from '@aeneas/protocol';
import { agentError } from '../errors.ts';

/**
 * Text of a file of rejected rows, from a byte on: whole lines, or of a line that is longer than `maxBytes` whole characters. `nextOffset`
 * is behind the last of them. Throws AGENT_PATH_REFUSED.
 */
export async function rejectedText(file: string, offset: number, maxBytes: number): Promise<AgentOutput<'rejectedRows'>> {
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) throw agentError('AGENT_PATH_REFUSED', 'There is no such file of rejected rows', { file });
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, offset);
    const lines = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    const end = lines > 0 || bytesRead < maxBytes ? lines : wholeCharacters(buffer);
    return { text: buffer.toString('utf8', 0, end), nextOffset: offset + end };
  } finally {
    await handle.close();
  }
}

/** Length of UTF-8 text without a character at its end that goes on behind it. */
function wholeCharacters(text: Buffer): number {
  let start = text.length - 1;
  while (start > 0 && (text[start] & 0xc0) === 0x80) start--;
  const lead = text[start];
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length <= text.length ? text.length : start;
}
