import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { PipedConsole } from './console.ts';
import type { Console } from './console.ts';
import { extractorError } from './errors.ts';
import { GoBack, answerTo, optionalSecret, secretTwice, walk, yesOrNo } from './questions.ts';

function piped(...answers: readonly string[]): { readonly console: Console; readonly shown: () => string } {
  const input = new PassThrough();
  const out = new PassThrough();
  input.end(answers.map((answer) => `${answer}\n`).join(''));
  return { console: new PipedConsole(input, out), shown: () => String(out.read() ?? '') };
}

/** A terminal with somebody at it who types these. */
function terminal(...typed: string[]): Console & { readonly said: string[] } {
  const said: string[] = [];
  return { isTerminal: true, said, ask: async () => typed.shift()!, say: (text) => void said.push(text), close: () => {} };
}

const number = { prompt: 'A number', fallback: '1', parse: (answer: string) => {
  if (!/^\d+$/.test(answer)) throw extractorError('ANSWER_INVALID', 'no number');
  return Number(answer);
} };

test('a pipe: one answer a line, defaults, and a transcript without secrets', async () => {
  const { console, shown } = piped('7', '', 'y', 'hidden-1', '-');
  expect([await answerTo(console, number), await answerTo(console, number), await yesOrNo(console, 'Sure?', false)]).toEqual([7, 1, true]);
  expect(await optionalSecret(console, 'Password (optional)', undefined)).toBe('hidden-1');
  expect(await optionalSecret(console, 'Password (optional)', 'before')).toBeUndefined();
  expect(shown()).toBe('A number [1]: 7\nA number [1]: \nSure? Y/N [N] : y\nPassword (optional): \nPassword (optional) [unchanged]: \n');
});

test('a pipe: wrong and missing answers are errors', async () => {
  await expect(answerTo(piped('x').console, number)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
  await expect(answerTo(piped('<').console, number)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
  await expect(answerTo(piped().console, number)).rejects.toMatchObject({ code: 'ANSWER_MISSING', message: 'There is no answer to "A number [1]"' });
  await expect(secretTwice(piped('one', 'two').console, 'Key store password', undefined, () => {})).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
});

test('a terminal: wrong answers are told and asked again, also of secrets that differ or will not do', async () => {
  const asked = terminal('x', '3');
  expect(await answerTo(asked, number)).toBe(3);
  expect(asked.said).toEqual([expect.stringContaining('ANSWER_INVALID: no number.')]);
  const check = (secret: string): void => {
    if (secret !== 'right') throw extractorError('ANSWER_INVALID', 'not the right one');
  };
  expect(await secretTwice(terminal('a', 'b', 'wrong', 'wrong', 'right', 'right'), 'Key store password', undefined, check)).toBe('right');
  expect(await secretTwice(terminal('', ''), 'Key store password', 'right', check)).toBe('right');
});

test('going back leads to the question that was asked before, past those that were not, or to a named one', async () => {
  const order: string[] = [];
  const replies: Record<string, (unknown)[]> = { a: [], b: [], c: [new GoBack()], d: [new GoBack('a 0')] };
  const step = (name: string, isAsked = true) => ({
    name: `${name} 0`,
    async ask() {
      order.push(name);
      const reply = replies[name]?.shift();
      if (reply instanceof GoBack) throw reply;
      return isAsked;
    },
  });
  await walk(() => [step('a'), step('silent', false), step('c'), step('d')]);
  expect(order.join(' ')).toBe('a silent c a silent c d a silent c d');
  await walk(() => [{ name: 'first', ask: async () => {
    order.push('first');
    return true;
  } }]);
  expect(order.at(-1)).toBe('first');
});
