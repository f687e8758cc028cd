// `aeneas sstable dump --raw` against Cassandra's own sstabledump, file by file: the same JSON, down to the digits of its numbers and
// the order of its members.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSSTable, localFiles } from '@aeneas/cassandra';
import { describe, expect, test } from 'vitest';
import { unpackedDumps, unpackedFixture, unpackedLegacyDumps } from '../../fixtures/unpack.ts';
import type { Label } from '../../fixtures/unpack.ts';

/** When the dumps were made (fixtures/README.md). */
const DUMPED_AT_SECONDS = 1_795_379_945;
const LEGACY_DUMPED_AT_SECONDS = 1_795_394_940;

/** JSON, or what sstabledump takes for it, without the blanks between its tokens and with one way to write a string. */
function compact(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\s+/g, (token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : ''));
}

/** Durations are bare there, and nothing at all when they are zero. Values alone may be: strings stand in quotes. */
function withQuotedDurations(text: string): string {
  return text.replaceAll(/"value":(-?(?:\d+(?:y|mo|d|h|m|s|ms|us|ns))*)(?=[,}])/g, '"value":"$1"');
}

const dumps = await unpackedDumps();

describe.each(readdirSync(dumps).filter((name) => !name.startsWith('.')))('SSTables of %s', (label) => {
  const files = readdirSync(join(dumps, label), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')).sort();

  test.each(files)('%s', async (name) => {
    const lines: string[] = [];
    await dumpSSTable(localFiles, join(await unpackedFixture(label as Label), name.slice(0, -'.json'.length)), DUMPED_AT_SECONDS, (bytes) => {
      lines.push(Buffer.from(bytes).toString('utf8'));
    });
    const ours = compact(`[${lines.join('').trimEnd().split('\n').join(',')}]`);
    const theirs = withQuotedDurations(compact(readFileSync(join(dumps, label, name), 'utf8')));
    // Whole files would make a message of megabytes.
    expect(firstDifference(ours, theirs)).toBe('');
  });
});

/** Rows before 3.0 have no size: the tool's positions of them tell how far it has read ahead. */
function withoutPositions(text: string): string {
  return text.replaceAll(/"position":\d+,?/g, '');
}

const legacyDumps = await unpackedLegacyDumps();

describe.each(readdirSync(legacyDumps).filter((name) => !name.startsWith('.')))('SSTables of %s', (label) => {
  const files = readdirSync(join(legacyDumps, label), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')).sort();

  test.each(files)('%s', async (name) => {
    const lines: string[] = [];
    await dumpSSTable(localFiles, join(await unpackedFixture(label as Label), name.slice(0, -'.json'.length)), LEGACY_DUMPED_AT_SECONDS, (bytes) => {
      lines.push(Buffer.from(bytes).toString('utf8'));
    });
    const ours = compact(`[${lines.join('').trimEnd().split('\n').join(',')}]`);
    const theirs = withQuotedDurations(compact(readFileSync(join(legacyDumps, label, name), 'utf8')));
    expect(firstDifference(withoutPositions(ours), withoutPositions(theirs))).toBe('');
  });
});

function firstDifference(ours: string, theirs: string): string {
  if (ours === theirs) return '';
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  return `at ${at}:\n${ours.slice(Math.max(0, at - 200), at + 100)}\n${theirs.slice(Math.max(0, at - 200), at + 100)}`;
}
