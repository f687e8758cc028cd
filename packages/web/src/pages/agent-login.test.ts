import { expect, test } from 'vitest';
import { loginOf, mistakesIn, NEW_AGENT, nameOf, urlOf } from './agent-login.ts';

const form = (changes: Partial<typeof NEW_AGENT>): typeof NEW_AGENT => ({ ...NEW_AGENT, ...changes });

test.each([
  ['10.0.0.5', 'https://10.0.0.5:8080', '10-0-0-5'], ['ip-10-0-0-5.ec2.internal', 'https://ip-10-0-0-5.ec2.internal:8080', 'ip-10-0-0-5'], ['fd00::5', 'https://[fd00::5]:8080', 'fd00-5'],
])('of the host %s', (hostName, url, name) => {
  expect([urlOf(form({ hostName })), nameOf(form({ hostName })), nameOf(form({ hostName, name: ' mine ' }))]).toEqual([url, name, 'mine']);
});

test('what is needed depends on how the two know each other', () => {
  const missing = (changes: Partial<typeof NEW_AGENT>): string[] => Object.keys(mistakesIn(form({ hostName: 'a', ...changes }), {}));
  expect(missing({})).toEqual([]);
  expect(missing({ useSsl: 'no' })).toEqual(['servicePassword', 'fingerprint']);
  expect(missing({ trustFrom: 'file', keyFrom: 'file' })).toEqual(['trustStore', 'trustStorePassword', 'keyStore', 'keyStorePassword']);
  expect(missing({ hostName: 'a:8080/', port: '0', name: 'two words', description: 'x'.repeat(201) })).toEqual(['description', 'hostName', 'port', 'name']);
});

test('only what counts is sent, whatever was typed for the other way', () => {
  const secrets = { servicePassword: 's', trustStorePassword: 't', keyStorePassword: 'k' };
  const typed = { trustStore: '/t', keyStore: '/k', fingerprint: 'f' };
  expect(loginOf(form(typed), secrets)).toEqual({ credentials: {}, secrets: {} });
  expect(loginOf(form({ ...typed, keyFrom: 'file' }), secrets)).toEqual({ credentials: { keyStore: '/k' }, secrets: { keyStorePassword: 'k' } });
  expect(loginOf(form({ ...typed, useSsl: 'no' }), secrets)).toEqual({ credentials: { pinnedCertificate: 'f' }, secrets: { servicePassword: 's' } });
});
