// The stores against those who must read them: Java's keytool, where there is one, and Node's TLS.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateKeyStores } from './generate.ts';
import type { GeneratedStore } from './generate.ts';
import { readKeyStore, readTrustStore } from './read-store.ts';

const storePassword = 'travels well';
const authorityPassword = 'stays at home';
const order = (folder: string) => ({
  folder, agents: [{ name: 'one', hosts: ['localhost', '127.0.0.1', '::1'] }], serverHosts: ['server.test'], days: 30, storePassword, authorityPassword, modulusBits: 2048,
});

let folder: string;
let stores: GeneratedStore[];
beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'aeneas-keystore-')), 'stores');
  stores = await generateKeyStores(order(folder));
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

const fileOf = (name: string): string => join(folder, name);
const read = (name: string): Buffer => readFileSync(fileOf(name));

test('each file is for its owner alone', () => {
  expect(stores.map(({ file, use, isNew }) => [file, use, isNew])).toEqual([
    [fileOf('authority.p12'), 'authority', true], [fileOf('trust.p12'), 'trust', true], [fileOf('server.p12'), 'server', true], [fileOf('agent-one.p12'), 'agent', true],
  ]);
  expect(stores.map(({ file }) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('no store shows the passwords, and only the authority\'s own opens its store', () => {
  for (const { file } of stores) {
    expect(readFileSync(file).includes(storePassword)).toBe(false);
    expect(readFileSync(file).includes(authorityPassword)).toBe(false);
  }
  expect(() => readKeyStore(read('authority.p12'), storePassword, 'authority.p12')).toThrow(/password of the store is wrong/);
  expect(() => readTrustStore(read('trust.p12'), 'something else', 'trust.p12')).toThrow(/password of the store is wrong/);
  expect(() => readKeyStore(Buffer.from('no store'), storePassword, 'x.p12')).toThrow(/neither a PKCS#12 store nor a JKS store/);
  expect(() => readKeyStore(read('trust.p12'), storePassword, 'trust.p12')).toThrow(/no RSA key/);
});

test('certificates of one day are good for that day', async () => {
  const brief = join(folder, '..', 'brief');
  await generateKeyStores({ ...order(brief), days: 1 });
  const { validity } = readKeyStore(readFileSync(join(brief, 'server.p12')), storePassword, '').certificate;
  expect(validity.notBefore.getTime()).toBeLessThan(Date.now() - 3_600_000);
  expect(Math.abs(validity.notAfter.getTime() - Date.now() - 86_400_000)).toBeLessThan(60_000);
});

test('a second run adds what is not there, signed by the same authority', async () => {
  const before = read('agent-one.p12');
  const again = await generateKeyStores({ ...order(folder), agents: [...order(folder).agents, { name: 'two', hosts: ['two.test'] }] });
  expect(again.filter(({ isNew }) => isNew).map(({ file }) => file)).toEqual([fileOf('agent-two.p12')]);
  expect(read('agent-one.p12').equals(before)).toBe(true);
  const authority = readKeyStore(read('authority.p12'), authorityPassword, '').certificate;
  expect(authority.verify(readKeyStore(read('agent-two.p12'), storePassword, '').certificate)).toBe(true);
  await expect(generateKeyStores({ ...order(folder), authorityPassword: 'not that one' })).rejects.toMatchObject({ code: 'KEYSTORE_UNUSABLE' });
});

test('stores without their authority are not mixed with new ones', async () => {
  const other = mkdtempSync(join(tmpdir(), 'aeneas-keystore-'));
  writeFileSync(join(other, 'trust.p12'), read('trust.p12'));
  await expect(generateKeyStores(order(other))).rejects.toMatchObject({ code: 'KEYSTORE_EXISTS' });
  rmSync(other, { recursive: true });
});

test.each([
  [{ storePassword: 'short' }, 'KEYSTORE_PASSWORD_UNFIT'], [{ authorityPassword: 'pässword' }, 'KEYSTORE_PASSWORD_UNFIT'],
  [{ agents: [{ name: '../one', hosts: ['a'] }] }, 'KEYSTORE_NAME_UNFIT'], [{ serverHosts: ['a b'] }, 'KEYSTORE_NAME_UNFIT'],
])('%o is refused', async (change, code) => {
  await expect(generateKeyStores({ ...order(folder), ...change })).rejects.toMatchObject({ code });
});

test('Node takes the key stores as they are, on both sides', async () => {
  const ca = readTrustStore(read('trust.p12'), storePassword, 'trust.p12');
  const server = createServer({ pfx: read('agent-one.p12'), passphrase: storePassword, ca, requestCert: true, rejectUnauthorized: true }, (incoming, response) => {
    response.end((incoming.socket as TLSSocket).getPeerCertificate().subject.CN);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const body = await new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.1', port, pfx: read('server.p12'), passphrase: storePassword, ca, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    }).on('error', reject).end();
  });
  expect(body).toBe('server.test');
  server.close();
});

const hasKeytool = spawnSync('keytool', ['-help']).error === undefined;

test.runIf(hasKeytool)('keytool lists what each store should hold', () => {
  const list = (name: string, password: string): string => {
    const { stdout, status } = spawnSync('keytool', ['-list', '-v', '-keystore', fileOf(name), '-storepass:env', 'STORE_PASSWORD'], {
      encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', STORE_PASSWORD: password },
    });
    expect(`${name}: ${status}\n${status === 0 ? '' : stdout}`).toBe(`${name}: 0\n`);
    return stdout;
  };
  const trust = list('trust.p12', storePassword);
  expect(trust).toContain('contains 1 entry');
  expect(trust).toContain('Entry type: trustedCertEntry');
  expect(trust).toContain('Alias name: aeneas-authority');
  const agent = list('agent-one.p12', storePassword);
  expect(agent).toContain('Entry type: PrivateKeyEntry');
  expect(agent).toContain('Certificate chain length: 2');
  expect(agent).toContain('IPAddress: 127.0.0.1');
  expect(agent).toContain('serverAuth');
  expect(list('server.p12', storePassword)).toContain('clientAuth');
  expect(list('authority.p12', authorityPassword)).toContain('CA:true');
});
