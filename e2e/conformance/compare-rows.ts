import type { ExpectedTable, NeutralRow } from './fixture-tables.ts';

/** The server reads a clock once per request, the fixture file once per table. */
const TTL_SLACK_SECONDS = 1;
const SHOWN_MAX = 5;

/** Differences of rows in values, write times, TTLs, order and count, as lines to read; none when equal. */
export function rowDifferences(actual: readonly NeutralRow[], expected: ExpectedTable): string[] {
  const differences: string[] = [];
  for (let i = 0; i < Math.max(actual.length, expected.rows.length) && differences.length < SHOWN_MAX; i++) {
    const [mine, theirs] = [actual[i], expected.rows[i]];
    if (mine === undefined || theirs === undefined) {
      differences.push(`row ${i}: ${mine === undefined ? `missing ${show(theirs!)}` : `too many ${show(mine)}`}`);
      continue;
    }
    const key = expected.primaryKey.map((name) => JSON.stringify(theirs.v[name])).join(', ');
    differences.push(...fieldDifferences(mine, theirs).map((what) => `row ${i} (${key}): ${what}`));
  }
  if (actual.length !== expected.rows.length) differences.push(`${actual.length} rows, expected ${expected.rows.length}`);
  return differences;
}

function fieldDifferences(mine: NeutralRow, theirs: NeutralRow): string[] {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const near = (a: unknown, b: unknown): boolean => typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= TTL_SLACK_SECONDS;
  return [
    ...recordDifferences('value', mine.v, theirs.v, same),
    ...recordDifferences('writetime', mine.wt ?? {}, theirs.wt ?? {}, same),
    ...recordDifferences('ttl', mine.ttl ?? {}, theirs.ttl ?? {}, near),
  ];
}

function recordDifferences(what: string, mine: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>>, same: (a: unknown, b: unknown) => boolean): string[] {
  return [...new Set([...Object.keys(mine), ...Object.keys(theirs)])]
    .filter((name) => !same(mine[name], theirs[name]))
    .map((name) => `${what} of ${name} is ${show(mine[name])}, expected ${show(theirs[name])}`);
}

function show(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
