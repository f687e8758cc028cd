// What is mounted, from the kernel's own list: asking it never waits for a mount that is lost.

import { readFileSync } from 'node:fs';

export interface Mounted {
  /** major:minor */
  readonly device: string;
  readonly type: string;
}

/**
 * What is mounted at exactly this path, the last if several are. proc(5), "/proc/pid/mountinfo". Read at once and not by one of libuv's
 * threads: those may all be waiting for a mount.
 */
export function mountedAt(path: string): Mounted | undefined {
  return parseMountTable(readFileSync('/proc/self/mountinfo', 'utf8')).get(path);
}

export function parseMountTable(text: string): Map<string, Mounted> {
  const mounts = new Map<string, Mounted>();
  for (const line of text.split('\n')) {
    const words = line.split(' ');
    const dash = words.indexOf('-');
    if (dash < 0) continue;
    mounts.set(words[4].replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), { device: words[2], type: words[dash + 1] });
  }
  return mounts;
}
