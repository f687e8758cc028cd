// Questions as the dialogue asks them: with defaults, checked at once, asked again on a terminal, and with a way back.

import { CodedError } from '@aeneas/cassandra';
import type { Console } from './console.ts';
import { extractorError } from './errors.ts';

/** Typed at a terminal it leads to the question before. */
const BACK_KEY = '<';
/** Typed in place of an optional answer it takes back an earlier one. */
const NONE_KEY = '-';

/** Leads back: to the question before, or to the step that is named. */
export class GoBack extends Error {
  readonly step: string | undefined;

  constructor(step?: string) {
    super('back');
    this.step = step;
  }
}

export interface Question<T> {
  /** Up to where the default stands. */
  readonly prompt: string;
  /** What an empty answer means; shown. */
  readonly fallback?: string | undefined;
  /** What stands behind the default. */
  readonly end?: string;
  readonly isSecret?: boolean;
  /** Throws a CodedError when the answer will not do. */
  parse(answer: string): T | Promise<T>;
}

/** The answer, once it is one that will do. */
export async function answerTo<T>(console: Console, question: Question<T>): Promise<T> {
  const { prompt, fallback, end = ': ', isSecret = false } = question;
  for (;;) {
    const typed = await console.ask(`${prompt}${fallback === undefined ? '' : ` [${fallback}]`}${end}`, isSecret);
    if (console.isTerminal && typed.trim() === BACK_KEY) throw new GoBack();
    try {
      return await question.parse(isSecret ? typed : typed.trim() === '' ? fallback ?? '' : typed.trim());
    } catch (error) {
      if (!console.isTerminal || !(error instanceof CodedError)) throw error;
      console.say(error.line());
    }
  }
}

/** As the seed writes it: `... Y/N [N] : ` */
export function yesOrNo(console: Console, prompt: string, fallback: boolean): Promise<boolean> {
  return answerTo(console, {
    prompt: `${prompt} Y/N`, fallback: fallback ? 'Y' : 'N', end: ' : ',
    parse(answer) {
      if (!/^(?:y|yes|n|no)$/i.test(answer)) throw extractorError('ANSWER_INVALID', `"${answer}" is neither Y nor N`);
      return /^y/i.test(answer);
    },
  });
}

/** A secret that may be left out. An empty answer keeps what was given before, "-" takes it back. */
export async function optionalSecret(console: Console, prompt: string, before: string | undefined): Promise<string | undefined> {
  const typed = await answerTo(console, { prompt, fallback: before === undefined ? undefined : 'unchanged', isSecret: true, parse: (answer) => answer });
  if (typed === '') return before;
  return typed === NONE_KEY ? undefined : typed;
}

/** A secret that is typed twice. `end` as the seed has it, without a space. An empty answer keeps what was given before. */
export async function secretTwice(console: Console, what: string, before: string | undefined, check: (secret: string) => void | Promise<void>): Promise<string> {
  for (;;) {
    const first = await answerTo(console, { prompt: what, fallback: before === undefined ? undefined : 'unchanged', end: ':', isSecret: true, parse: (answer) => answer });
    const again = await answerTo(console, { prompt: `Re-enter the ${what[0].toLowerCase()}${what.slice(1)}`, end: ':', isSecret: true, parse: (answer) => answer });
    const secret = first === '' && again === '' && before !== undefined ? before : first;
    try {
      if (first !== again) throw extractorError('ANSWER_INVALID', `${what}: the two are not the same`);
      await check(secret);
      return secret;
    } catch (error) {
      if (!console.isTerminal || !(error instanceof CodedError)) throw error;
      console.say(error.line());
    }
  }
}

/** Asks something, and tells whether it did: a question that an earlier answer makes superfluous is passed over. */
export interface Step {
  readonly name: string;
  ask(): Promise<boolean>;
}

/** Goes through steps, and back where that is wanted. The list is made anew before each step, since answers change it. */
export async function walk(steps: () => readonly Step[]): Promise<void> {
  const asked: number[] = [];
  for (let place = 0; place < steps().length;) {
    const step = steps()[place];
    try {
      if (await step.ask()) asked.push(place);
      place++;
    } catch (error) {
      if (!(error instanceof GoBack)) throw error;
      do place = asked.pop() ?? 0;
      while (error.step !== undefined && place > 0 && steps()[place].name !== error.step);
    }
  }
}
