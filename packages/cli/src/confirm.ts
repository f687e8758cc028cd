// Yes or no, on the terminal.

import { createInterface } from 'node:readline/promises';
import { cliError } from './errors.ts';

/** Whether "yes" was typed. Throws CONFIRMATION_MISSING when there is nobody to ask; `otherwise` says what to give instead. */
export async function confirm(question: string, otherwise: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw cliError('CONFIRMATION_MISSING', `There is no terminal to ask on: ${otherwise}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question} Type yes: `)).trim().toLowerCase() === 'yes';
  } finally {
    terminal.close();
  }
}
