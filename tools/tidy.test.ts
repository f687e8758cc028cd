import { expect, test } from 'vitest';
import { arrows } from './tidy/arrows.ts';
import { catalogueProblems } from './tidy/catalogue.ts';
import { lockProblems } from './tidy/lock.ts';
import { seed } from './tidy/seed.ts';
import type { Problem } from './tidy/source-file.ts';
import { leftovers, links, names, sizes } from './tidy/text.ts';

const file = (path: string, text: string): { path: string; text: string } => ({ path, text });
const whats = (problems: readonly Problem[]): string[] => problems.map(({ path, line, what }) => `${path}:${line} ${what}`);

test.each([
  ['packages/dynamodb/src/a.ts', '@aeneas/agent', 'dynamodb must not import agent'],
  ['packages/cassandra/src/a.ts', '@aeneas/dynamodb', 'cassandra must not import dynamodb'],
  ['packages/agent/src/a.ts', '@aeneas/cassandra/src/errors.ts', 'a file of @aeneas/cassandra'],
  ['packages/agent/src/a.ts', '../../cassandra/src/errors.ts', 'a file of packages/cassandra'],
  ['packages/agent/src/a.test.ts', '../../cassandra/src/errors.ts', 'a file of packages/cassandra'],
  ['packages/agent/src/a.ts', '../../../e2e/fixtures.ts', 'outside its package'],
  ['packages/agent/src/a.ts', '@aeneas/agent', 'by name'],
  ['packages/cassandra/src/merge/a.ts', 'node:fs', 'is pure'],
  ['packages/cassandra/src/merge/a.ts', 'node:fs/promises', 'is pure'],
  ['e2e/a.test.ts', '../packages/cassandra/src/errors.ts', 'outsiders import the index only'],
  ['e2e/decoder/item-decoder.ts', '@aeneas/dynamodb', 'must be independent'],
  ['packages/cli/src/stand-ins/s3.ts', '../errors.ts', 'must be independent'],
])('%s may not import %s', (path, target, what) => {
  for (const text of [`import { a } from '${target}';\n`, `// why\nimport type {\n  A,\n} from '${target}';\n`, `export * from '${target}';\n`, `const a = await import('${target}');\n`]) {
    expect(whats(arrows([file(path, text)]))).toEqual([expect.stringContaining(what)]);
  }
});

test.each([
  ['packages/dynamodb/src/a.ts', '@aeneas/cassandra'],
  ['packages/cassandra/src/merge/a.ts', '../errors.ts'],
  ['packages/cassandra/src/merge/a.ts', 'node:zlib'],
  ['packages/cassandra/src/merge/a.test.ts', 'node:fs'],
  ['packages/cassandra/src/merge/a.test.ts', '../../../../fixtures/unpack.ts'],
  ['packages/cassandra/src/bytes/file-source.ts', 'node:fs/promises'],
  ['packages/cli/src/stand-ins/start.ts', '../errors.ts'],
  ['e2e/decoder/item-decoder.ts', './neutral-row.ts'],
  ['e2e/a.test.ts', '@aeneas/cassandra'],
])('%s may import %s', (path, target) => {
  expect(whats(arrows([file(path, `import { a } from '${target}';\n`)]))).toEqual([]);
});

test('long files say why they are long', () => {
  const long = 'x\n'.repeat(401);
  expect(sizes([file('a.ts', long), file('b.ts', `// long because: one grammar\n${long}`), file('c.md', long)]).map(({ path }) => path)).toEqual(['a.ts']);
});

test('names say what is in the file', () => {
  expect(names(['packages/a/src/utils/x.ts', 'packages/a/src/common.ts', 'packages/a/src/someName.ts', 'packages/a/src/x.test.ts', 'README.md'].map((path) => file(path, ''))).map(({ path }) => path))
    .toEqual(['packages/a/src/utils/x.ts', 'packages/a/src/common.ts', 'packages/a/src/someName.ts']);
});

test('leftovers are found with their line', () => {
  const found = leftovers([
    file('packages/a/src/a.ts', `a;\n// ${'TO'}${'DO'} later\n`),
    file('packages/a/src/a.test.ts', `test.${'only'}('x', f);\n`),
    file('docs/a.md', `See /${'work'}/main and ..${'/shared'}/x; not https://example.com${'/work'}/x.\n`),
  ]);
  expect(found.map(({ path, line }) => `${path}:${line}`)).toEqual(['packages/a/src/a.ts:2', 'packages/a/src/a.test.ts:1', 'docs/a.md:1', 'docs/a.md:1']);
});

test('links lead somewhere', () => {
  const page = file('docs/a.md', '[a](b.md) [b](../README.md#x) [c](https://example.com) [d](#here)\n');
  expect(links([page], (path) => path === 'README.md')).toEqual([{ path: 'docs/a.md', line: 1, what: 'a link to b.md, which does not exist' }]);
});

test('error codes are used, once, and explained', () => {
  const entry = { cause: 'It broke.', remedy: 'Mend it.' };
  const problems = catalogueProblems([
    { owner: 'a', path: 'packages/a/src/errors.ts', entries: { USED: entry, UNUSED: entry, VAGUE: { cause: 'it broke', remedy: 'Mend it.' } } },
    { owner: 'b', path: 'packages/b/src/errors.ts', entries: { USED: entry } },
  ], [file('packages/a/src/x.ts', "throw error('USED', 'VAGUE')"), file('packages/a/src/x.test.ts', "'UNUSED'")]);
  expect(problems.map(({ what }) => what)).toEqual(['UNUSED is never thrown', 'VAGUE is not explained in a whole sentence: "it broke"', 'USED is in the catalogue of a too']);
});

test('the lock has what npm ci asks for', () => {
  const packages = { 'node_modules/a': { optionalDependencies: { b: '1', c: '1' } }, 'node_modules/a/node_modules/b': {} };
  expect(lockProblems(JSON.stringify({ packages })).map(({ what }) => what)).toEqual([expect.stringContaining('lacks c')]);
});

test('the table of the guide has a row for each label, and every row leads somewhere', () => {
  const around = [
    file('docs/seed-labels.json', '["One", "Two", "Three"]'), file('packages/web/src/app.tsx', "path === '/agents'"), file('packages/cli/src/program.ts', ".command('agent'); agent.command('list').option('--json'"),
    file('e2e/a.test.ts', "test('a title of a test', f)"),
  ];
  const problems = (...rows: string[]): string[] => whats(seed([...around, file('docs/SEED.md', ['| Label | Page | Command | Test |', '|---|---|---|---|', ...rows, ''].join('\n'))]));
  const good = ['| One | `/agents?tab=x` | `aeneas agent list --json` | `e2e/a.test.ts`: a title of a test |', '| Two |  |  | later: issue 7 |', '| Three |  |  | later: something |'];
  expect(problems(...good)).toEqual([]);
  expect(problems(...good.slice(1))).toEqual(['docs/SEED.md:0 has no row for "One"']);
  expect(problems(...good, good[1]!)).toEqual(['docs/SEED.md:6 "Two" has two rows']);
  expect(problems(...good, '| Four |  |  | later: issue 7 |')).toEqual(['docs/SEED.md:6 "Four" is not in docs/seed-labels.json']);
  expect(problems(...good.slice(1), '| One | `/nowhere` | `aeneas agent lost --odd` | `e2e/b.test.ts`: a title of a test |')).toEqual([
    'docs/SEED.md:5 "One": packages/web/src/app.tsx has no page /nowhere', 'docs/SEED.md:5 "One": there is no "lost" for "aeneas agent lost --odd"', 'docs/SEED.md:5 "One": there is no "--odd" for "aeneas agent lost --odd"',
    'docs/SEED.md:5 "One": there is no test e2e/b.test.ts',
  ]);
  expect(problems(...good.slice(1), '| One |  |  | `e2e/a.test.ts`: another title |')).toEqual(['docs/SEED.md:5 "One": e2e/a.test.ts has no test "another title"']);
  expect(problems(...good.slice(1), '| One |  |  |  |')).toEqual([expect.stringContaining('there is no test')]);
});
