import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { GuessLimit, hashPassword, PasswordLogin } from './login.ts';

const password = 'a long enough password';

function request(given: string | undefined, remoteAddress = '10.0.0.1', user = 'aeneas'): IncomingMessage {
  const headers = given === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${given}`).toString('base64')}` };
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

test('the password is kept as a salted hash only', async () => {
  const [one, other] = await Promise.all([hashPassword(password), hashPassword(password)]);
  expect(one).not.toBe(other);
  expect(one).not.toContain(password);
  await expect(hashPassword('eleven char')).rejects.toMatchObject({ code: 'AGENT_PASSWORD_UNFIT' });
});

test('the right password is let in, also one that is not ASCII; nothing else is', async () => {
  const login = new PasswordLogin(await hashPassword('pässwörter: 日本語'));
  expect(await login.refusal(request('pässwörter: 日本語'))).toBeUndefined();
  expect(await login.refusal(request('pässwörter: 日本'))).toMatchObject({ code: 'AGENT_LOGIN_WRONG' });
  expect(await login.refusal(request('pässwörter: 日本語', '10.0.0.1', 'root'))).toMatchObject({ code: 'AGENT_LOGIN_MISSING' });
  expect(await login.refusal(request(undefined))).toMatchObject({ code: 'AGENT_LOGIN_MISSING' });
});

test('guesses at the same time do not take the machine: few wait, the others are refused at once', async () => {
  const login = new PasswordLogin(await hashPassword(password));
  const refusals = await Promise.all(Array.from({ length: 20 }, (_, i) => login.refusal(request(`guess ${i}`, `10.0.0.${i}`))));
  const codes = refusals.map((refusal) => refusal?.code);
  expect(codes.filter((code) => code === 'AGENT_LOGIN_WRONG')).toHaveLength(8);
  expect(codes.filter((code) => code === 'AGENT_LOGIN_LIMITED')).toHaveLength(12);
});

test('five guesses are free, then there is one every ten seconds, for each address', () => {
  let now = 0;
  const limit = new GuessLimit(() => now);
  for (let i = 0; i < 5; i++) {
    expect(limit.isReached('a')).toBe(false);
    limit.count('a');
  }
  expect(limit.isReached('a')).toBe(true);
  expect(limit.isReached('b')).toBe(false);
  now += 10_000;
  expect(limit.isReached('a')).toBe(false);
  limit.count('a');
  expect(limit.isReached('a')).toBe(true);
  now += 60_000;
  for (let i = 0; i < 5; i++) limit.count('a');
  expect(limit.isReached('a')).toBe(true);
});

test('the addresses of one IPv6 network are one', async () => {
  const login = new PasswordLogin(await hashPassword(password));
  const codes: (string | undefined)[] = [];
  for (let i = 0; i < 6; i++) codes.push((await login.refusal(request(`guess ${i}`, `2001:db8:1:2::${i}`)))?.code);
  expect(codes.at(-1)).toBe('AGENT_LOGIN_LIMITED');
  expect((await login.refusal(request('another guess', '2001:db8:1:3::1')))?.code).toBe('AGENT_LOGIN_WRONG');
});
