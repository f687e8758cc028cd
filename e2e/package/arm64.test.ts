// The packages of the other architecture: what is in them is for it, and runs, by an emulator.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../tools/packaging/architecture.ts';
import { provideNfpm } from '../../tools/packaging/nfpm.ts';
import { makePackage } from '../../tools/packaging/package-files.ts';
import { layOutTree } from '../../tools/packaging/tree.ts';
import { ROOT } from '../aeneas-process.ts';
import { NEW } from './packages.ts';

/** Offset of e_machine in an ELF file, and the number of AArch64. */
const ELF_MACHINE = 18;
const AARCH64 = 183;

const architecture = ARCHITECTURES.find(({ node }) => node === 'arm64')!;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-arm64-'));
const unpacked = join(scratch, 'unpacked');
const program = join(unpacked, 'usr/share/cassandra-data-extractor');
let deb: string;
let rpm: string;

beforeAll(async () => {
  const tree = join(scratch, 'tree');
  await layOutTree({ root: ROOT, version: NEW, architecture, tree, cache: join(scratch, 'parts') });
  [deb, rpm] = await Promise.all((['deb', 'rpm'] as const).map(async (format) => makePackage({
    nfpm: await provideNfpm(), version: NEW, architecture, format, tree, workFolder: join(scratch, format), outputFolder: scratch, epochSeconds: 1_700_000_000,
  }))) as [string, string];
  execFileSync('dpkg-deb', ['-x', deb, unpacked]);
});
afterAll(() => rmSync(scratch, { recursive: true }));

test('says for which machines it is, and has nothing for others', () => {
  expect(execFileSync('dpkg-deb', ['-f', deb, 'Architecture']).toString()).toBe('arm64\n');
  expect(rpm).toMatch(/\.aarch64\.rpm$/);
  // The lead of an RPM: its magic, then its name, architecture included.
  expect(readFileSync(rpm).subarray(0, 4).toString('hex')).toBe('edabeedb');
  const natives = [join(program, 'bin/node'), ...readdirSync(join(program, 'lib')).filter((name) => name.endsWith('.node')).map((name) => join(program, 'lib', name))];
  expect(natives).toHaveLength(3);
  for (const file of natives) expect([file, readFileSync(file).readUInt16LE(ELF_MACHINE)]).toEqual([file, AARCH64]);
});

// run.ts says why where there is no emulator.
test.runIf(process.env['AENEAS_ARM64'] !== undefined)('its programs run, the codecs too', () => {
  const emulated = (...words: string[]): string => execFileSync('qemu-aarch64-static', ['-L', process.env['AENEAS_ARM64']!, join(program, 'bin/node'), ...words]).toString();
  expect(emulated('--max-semi-space-size=4', join(program, 'lib/main.js'), '--version')).toBe(`${NEW}\n`);
  expect(emulated('-e', `const l = require('${program}/lib/lz4.node'), s = require('${program}/lib/snappy.node');
    console.log(process.arch, String(l.uncompressSync(l.compressSync(Buffer.from('lz4')))), String(s.uncompressSync(s.compressSync(Buffer.from('snappy')), { asBuffer: true })));`)).toBe('arm64 lz4 snappy\n');
});
