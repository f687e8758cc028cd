// Packages that were built with a signing key: verified by the tools that operators have, with a key of this test alone.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { thisArchitecture } from '../../tools/packaging/architecture.ts';
import { provideNfpm } from '../../tools/packaging/nfpm.ts';
import { makePackage } from '../../tools/packaging/package-files.ts';
import { DebianRoot } from './debian-root.ts';
import { NEW, treeOf } from './packages.ts';

const PASSPHRASE = 'of this test alone';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-signing-'));
const home = join(scratch, 'gnupg');
afterAll(() => {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(scratch, { recursive: true });
});

test('a .deb and an .rpm that were signed can be verified, and not once they are changed', async () => {
  execFileSync('mkdir', ['-m', '700', home]);
  const gpg = (...words: string[]): string => execFileSync('gpg', ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', PASSPHRASE, ...words], { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  gpg('--quick-generate-key', 'Packages <packages@example.com>', 'rsa3072', 'sign', '1d');
  const key = join(scratch, 'key.asc');
  writeFileSync(key, gpg('--armor', '--export-secret-keys'), { mode: 0o600 });
  const publicKey = gpg('--armor', '--export');
  process.env['NFPM_PASSPHRASE'] = PASSPHRASE;
  const tree = treeOf(process.env['AENEAS_PACKAGES']!, NEW);
  const [deb, rpm] = await Promise.all((['deb', 'rpm'] as const).map(async (format) => makePackage({
    nfpm: await provideNfpm(), version: NEW, architecture: thisArchitecture(), format, tree, workFolder: join(scratch, format), outputFolder: scratch, epochSeconds: 1_700_000_000, signingKey: key,
  })));
  delete process.env['NFPM_PASSPHRASE'];

  // As docs/AGENT.md has it.
  const verify = (file: string): string => execFileSync('sh', ['-ec', `cd "$0"; ar p '${file}' _gpgorigin >signature; ar p '${file}' debian-binary control.tar.gz data.tar.gz | gpg --homedir '${home}' --verify signature - 2>&1`, scratch]).toString();
  expect(verify(deb!)).toContain('Good signature from "Packages <packages@example.com>"');

  const root = new DebianRoot();
  try {
    root.write('/tmp/public.asc', publicKey);
    root.write('/tmp/signed.rpm', readFileSync(rpm!));
    root.sh('rpm --import /tmp/public.asc');
    expect(root.sh('rpm -Kv /tmp/signed.rpm')).toMatch(/Signature, key ID [0-9a-f]+: OK/);
    const changed = readFileSync(rpm!);
    changed[changed.length - 1_000]! ^= 1;
    root.write('/tmp/changed.rpm', changed);
    expect(root.run(['rpm', '-K', '/tmp/changed.rpm']).output).toMatch(/NOT OK/);
  } finally {
    root.remove();
  }
});
