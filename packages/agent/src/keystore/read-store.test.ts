// Stores that Java's keytool made (fixtures/keystores/make.sh), against what keytool itself sees in them.

import { spawnSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { CodedError } from '@aeneas/cassandra';
import { fingerprintOf } from './certificate.ts';
import { readKeyStore, readTrustStore, storeFormat } from './read-store.ts';

const folder = join(import.meta.dirname, '../../../../fixtures/keystores');
const password = 'travelswell';
const read = (name: string): Buffer => readFileSync(join(folder, name));
/** As keytool lists them, chains from the key's own certificate on. */
const expected = Map.groupBy(readFileSync(join(folder, 'expected.txt'), 'utf8').trimEnd().split('\n').map((line) => line.split(' ')), ([store]) => store);
const fingerprintsIn = (store: string): string[] => expected.get(store)!.map(([, fingerprint]) => fingerprint);
const fingerprintsOf = (pem: string): string[] => pem.split(/(?<=-----END CERTIFICATE-----\n)/).map((one) => new X509Certificate(one).fingerprint256);

/** Of what is refused. */
function refusal(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof CodedError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

test.each(['jks-key', 'pkcs12-key'])('%s: its key, and the chain of its certificates', (name) => {
  const { certificatePem, certificate, keyPem } = readKeyStore(read(name), password, name);
  expect(fingerprintsOf(certificatePem)).toEqual(fingerprintsIn(name));
  expect(fingerprintOf(certificate)).toBe(fingerprintsIn(name)[0]);
  expect(keyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
});

test.each(['jks-trust', 'pkcs12-trust'])('%s: certificates of any kind of key', (name) => {
  expect(readTrustStore(read(name), password, name).flatMap(fingerprintsOf).toSorted()).toEqual(fingerprintsIn(name).toSorted());
});

test('the content tells the format, whatever the name', () => {
  expect([storeFormat(read('jks-key'), ''), storeFormat(read('pkcs12-key'), '')]).toEqual(['jks', 'p12']);
});

test('JCEKS and what is no store are refused with the way out', () => {
  for (const [bytes, words] of [[read('jceks-trust'), /JCEKS/], [Buffer.from('-----BEGIN CERTIFICATE-----'), /neither/], [Buffer.alloc(0), /neither/], [Buffer.from('fe', 'hex'), /neither/]] as const) {
    const { code, message } = refusal(() => readTrustStore(bytes, password, 'x'));
    expect([code, message]).toEqual(['KEYSTORE_FORMAT', expect.stringMatching(words)]);
  }
  try {
    readTrustStore(read('jceks-trust'), password, 'x');
  } catch (error) {
    expect((error as CodedError).remedy).toContain('keytool -importkeystore');
  }
});

test('a wrong password, and one of the key that is not the store\'s', () => {
  expect(refusal(() => readKeyStore(read('jks-key'), 'something else', 'x'))).toMatchObject({ code: 'KEYSTORE_UNUSABLE', message: expect.stringContaining('password of the store is wrong') });
  expect(refusal(() => readKeyStore(read('jks-other-key-password'), password, 'x'))).toMatchObject({ code: 'KEYSTORE_KEY_PASSWORD', message: expect.stringContaining('not the key') });
});

test('a key that is not RSA, and a store without any', () => {
  for (const name of ['jks-elliptic', 'jks-trust', 'pkcs12-trust']) expect(refusal(() => readKeyStore(read(name), password, name))).toMatchObject({ message: expect.stringContaining('no RSA key') });
});

test('each changed byte, and each end that is too early, is noticed', () => {
  const whole = read('jks-key');
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] ^= 0x40;
    expect(refusal(() => readKeyStore(changed, password, 'x')).code).toMatch(/^KEYSTORE_/);
    expect(refusal(() => readKeyStore(whole.subarray(0, at), password, 'x')).code).toMatch(/^KEYSTORE_/);
  }
});

test('lengths beyond the end are errors, not memory, even where the digest is right', () => {
  const whole = read('jks-key').subarray(0, -20);
  // Version, entries, kind, alias, length of the key, number of certificates is somewhere behind it.
  for (let at = 4; at < 400; at++) {
    const changed = Buffer.from(whole);
    changed.writeUInt32BE(0x7fff_fff0, Math.min(at, whole.length - 4));
    const digest = createHash('sha1').update(Buffer.from(password, 'utf16le').swap16()).update('Mighty Aphrodite').update(changed).digest();
    try {
      readKeyStore(Buffer.concat([changed, digest]), password, 'x');
    } catch (error) {
      expect((error as CodedError).code).toMatch(/^KEYSTORE_/);
    }
  }
});

test('both sides of a connection with stores of JKS', async () => {
  const { keyPem: key, certificatePem: cert } = readKeyStore(read('jks-key'), password, 'x');
  const ca = readTrustStore(read('jks-trust'), password, 'x');
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, (incoming, response) => {
    response.end((incoming.socket as TLSSocket).getPeerCertificate().fingerprint256);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const body = await new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, key, cert, ca, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    }).on('error', reject).end();
  });
  expect(body).toBe(fingerprintsIn('jks-key')[0]);
  server.close();
});

const hasKeytool = spawnSync('keytool', ['-help']).error === undefined;

test.runIf(hasKeytool)('a store that keytool makes now, with a password beyond ASCII', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'aeneas-jks-'));
  const file = join(scratch, 'Cassandra_key');
  const STORE_PASSWORD = 'pässwörd €';
  const { status, stderr } = spawnSync('keytool', [
    '-genkeypair', '-keystore', file, '-storetype', 'JKS', '-alias', 'Ähre', '-keyalg', 'RSA', '-dname', 'CN=localhost', '-storepass:env', 'STORE_PASSWORD', '-keypass:env', 'STORE_PASSWORD',
  ], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', STORE_PASSWORD } });
  expect(`${status} ${status === 0 ? '' : stderr}`).toBe('0 ');
  expect(readKeyStore(readFileSync(file), STORE_PASSWORD, file).certificate.subject.getField('CN').value).toBe('localhost');
  rmSync(scratch, { recursive: true });
});
