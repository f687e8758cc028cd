import { open, stat } from 'node:fs/promises';
import type { AgentOutput } from '@aeneas/protocol';
import { decryptedPart } from '../encrypted-file.ts';
import { agentError } from '../errors.ts';

/**
 * Text of a file of rejected rows, from a byte on: whole lines, or of a line that is longer than `maxBytes` whole characters. `nextOffset`
 * is behind the last of them. With a key, the file is encrypted by it. Throws AGENT_PATH_REFUSED, LOCAL_FILE_DAMAGED.
 */
export async function rejectedText(file: string, offset: number, maxBytes: number, key?: Uint8Array): Promise<AgentOutput<'rejectedRows'>> {
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) throw agentError('AGENT_PATH_REFUSED', 'There is no such file of rejected rows', { file });
  const bytes = key === undefined ? await partOf(file, offset, maxBytes) : await decryptedPart(file, key, offset, maxBytes);
  const lines = bytes.lastIndexOf('\n') + 1;
  const end = lines > 0 || bytes.length < maxBytes ? lines : wholeCharacters(bytes);
  return { text: bytes.toString('utf8', 0, end), nextOffset: offset + end };
}

async function partOf(file: string, offset: number, maxBytes: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, offset);
    return buffer.subarray(0, bytesRead);
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
