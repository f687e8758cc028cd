import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hostKeyFingerprint, hostKeyOf, isSameKey, knownHostsLine, knownKeys } from './known-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'known-hosts-'));
const file = join(folder, 'known_hosts');
afterAll(() => rmSync(folder, { recursive: true }));

const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIGjfb2xZbGZ3bmZ1c2Vkb25seWluYXRlc3Rvbmx5MDAw';
const key = hostKeyOf(Buffer.from(ED25519, 'base64'));

async function types(text: string, host: string, port = 22): Promise<string[]> {
  writeFileSync(file, text);
  return (await knownKeys([file, join(folder, 'missing')], host, port)).map(({ type, isRevoked }) => (isRevoked ? `revoked ${type}` : type));
}

test('names, ports, patterns, comments and markers are read as sshd(8) says', async () => {
  expect(await types(`node1,10.0.0.5 ssh-ed25519 ${ED25519} a comment\n`, '10.0.0.5')).toEqual(['ssh-ed25519']);
  expect(await types(`NODE1 ssh-ed25519 ${ED25519}\n`, 'Node1')).toEqual(['ssh-ed25519']);
  expect(await types(`node1 ssh-ed25519 ${ED25519}\n`, 'node1', 2222)).toEqual([]);
  expect(await types(`[node1]:2222 ssh-ed25519 ${ED25519}\n`, 'node1', 2222)).toEqual(['ssh-ed25519']);
  expect(await types(`10.0.0.* ssh-ed25519 ${ED25519}\n`, '10.0.0.77')).toEqual(['ssh-ed25519']);
  expect(await types(`10.0.0.*,!10.0.0.77 ssh-ed25519 ${ED25519}\n`, '10.0.0.77')).toEqual([]);
  expect(await types(`# node1 ssh-ed25519 ${ED25519}\n@revoked node1 ssh-ed25519 ${ED25519}\n@cert-authority node1 ssh-rsa AAAA\n`, 'node1')).toEqual(['revoked ssh-ed25519']);
});

test('names that OpenSSH wrote as hashes are found', async () => {
  // 10.1.2.3 and [node1]:2200, by "ssh-keygen -H" of OpenSSH 9.2.
  const text = `|1|WpS0dmfXTp2HzkYRed5pHPrDYmI=|suyfsjsWceM/esu50FBHupEs3iY= ssh-ed25519 ${ED25519}\n|1|SVFdDxw0h3GH11pOUGPj2wNqVvs=|zKbaIehJwKF3JDw0efBmqG2QXhg= ssh-ed25519 ${ED25519}\n`;
  expect([await types(text, '10.1.2.3'), await types(text, 'node1', 2200), await types(text, '10.1.2.4'), await types(text, 'node1')]).toEqual([['ssh-ed25519'], ['ssh-ed25519'], [], []]);
});

test('lines that we write are found, and keys compared', async () => {
  writeFileSync(file, `${knownHostsLine('10.1.2.3', 22, key)}\n${knownHostsLine('node1', 2200, key)}\n`);
  for (const [host, port] of [['10.1.2.3', 22], ['node1', 2200]] as const) expect((await knownKeys([file], host, port)).map((one) => isSameKey(one, key))).toEqual([true]);
});

test('a fingerprint is the one that ssh-keygen prints', () => {
  expect(hostKeyFingerprint(key.blob)).toBe('SHA256:LMIG5TW077Hq2WW5/gzaY6k5vFjMiep7QqvygZpABEc');
});
