// user_allow_other in /etc/fuse.conf. What root mounts is visible to others without it; it is what the seed asks for, and what `sshfs -o
// allow_other` by anybody else needs. So it is set where somebody agrees, and never a reason to stop.

import { readFile, writeFile } from 'node:fs/promises';
import { writeError } from '../errors.ts';
import type { Console } from './console.ts';
import type { ExtractorPaths } from './paths.ts';
import { yesOrNo } from './questions.ts';

const COMMENTED = /^[ \t]*#[ \t]*user_allow_other[ \t]*$/m;

export function isOtherAllowed(text: string): boolean {
  return /^[ \t]*user_allow_other[ \t]*$/m.test(text);
}

/** The text with the option turned on: uncommented where it stands, else added. */
export function withOtherAllowed(text: string): string {
  if (isOtherAllowed(text)) return text;
  return COMMENTED.test(text) ? text.replace(COMMENTED, 'user_allow_other') : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}user_allow_other\n`;
}

/** Sets it with consent. Throws FILE_UNWRITABLE. */
export async function allowOther({ fuseConfiguration: file }: ExtractorPaths, console: Console, consent: boolean | undefined): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (isOtherAllowed(text)) return;
  if (!(consent ?? (console.isTerminal && await yesOrNo(console, `${file} does not have user_allow_other. Set it?`, true)))) {
    if (consent === undefined) console.say(`${file} does not have user_allow_other. Mounts made by root work without it; --allow-other sets it.`);
    return;
  }
  await writeFile(file, withOtherAllowed(text)).catch((error: unknown) => {
    throw writeError(file, error);
  });
}
