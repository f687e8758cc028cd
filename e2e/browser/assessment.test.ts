// The assessment report in a real browser, before a real server: started, followed, cancelled, read, downloaded, and found again after a
// reload and after a server that was killed. One story, told in order.

import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { writeTable } from '../conformance/keyed-table.ts';
import { Serving } from '../serving.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, fact, openPage } from './looking.ts';

/** So many that a run cannot be over before it is cancelled. */
const SLOW_TABLES = 200;

interface Figures {
  readonly tables: readonly { readonly table: string; readonly volume: Readonly<Record<'rows' | 'items' | 'writeUnits' | 'rejected', number>> }[];
  readonly actionItems: readonly { readonly severity: string }[];
}

let scratch: string;
let server: Serving;
let browser: Browser;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-assessment-')));
  // Takes its time, in which nothing else has its turn.
  writeSlowTables();
  let data: string;
  [data, server, browser] = await Promise.all([unpackedDemo(), Serving.start(join(scratch, 'server')), launchChromium()]);
  await server.api('POST', '/projects', { name: 'empty', text: 'connections: {}\n' });
  await server.api('POST', '/projects', { name: 'shop', text: `connections:\n  sources:\n    - { kind: sstables, name: files, directories: ["${data}"] }\nmapping: { rules: [{ table: "shop.carts", name: "prod-carts" }] }\n` });
  await server.api('POST', '/projects', { name: 'slow', text: `source: { directories: ["${scratch}/slow"], schema: "${scratch}/slow.cql" }\n` });
  ({ page, complaints } = await openPage(browser, server.url, { acceptDownloads: true }));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

/** The same files under many names. */
function writeSlowTables(): void {
  const name = (i: number): string => `t${i}`;
  const folder = (i: number): string => join(scratch, 'slow/k', `${name(i)}-${i.toString(16).padStart(32, '0')}`);
  writeTable(folder(0), { sstables: [{ keys: 8_000, bytesOf: () => 1_000 }] });
  for (let i = 1; i < SLOW_TABLES; i++) {
    mkdirSync(folder(i), { recursive: true });
    for (const file of readdirSync(folder(0))) linkSync(join(folder(0), file), join(folder(i), file));
  }
  writeFileSync(join(scratch, 'slow.cql'), `CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};\n${Array.from({ length: SLOW_TABLES }, (_, i) => `CREATE TABLE k.${name(i)} (id text, n int, body text, PRIMARY KEY (id, n));`).join('\n')}\n`);
}

const button = (name: string) => page.getByRole('button', { name, exact: true });
const queries = () => page.getByLabel('CQL queries (optional)');
const tab = (name: RegExp) => page.getByRole('tab', { name });

/** For whoever wants to see the pages: AENEAS_SCREENSHOTS names a folder. */
async function look(name: string): Promise<void> {
  const folder = process.env['AENEAS_SCREENSHOTS'];
  if (folder !== undefined) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 800]) {
        await page.setViewportSize({ width, height: 1000 });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    await page.setViewportSize({ width: 1280, height: 1000 });
  }
  await expectAccessible(page, name);
}

test('a project without a source: the page explains, refuses, and keeps what was typed', async () => {
  await page.goto('/projects/empty');
  await page.getByRole('heading', { name: 'empty', exact: true }).waitFor();
  await button('View').click();
  await page.getByRole('menuitem', { name: 'Assessment report' }).click();
  await page.getByText('No report yet').waitFor();
  expect(new URL(page.url()).pathname).toBe('/projects/empty/assessment');
  await look('no report');
  await queries().fill('SELECT * FROM orders;');
  await button('Start').click();
  await expectText(page.getByRole('alert'), /was not started[\s\S]*"source": give its directories[\s\S]*PROJECT_INVALID[\s\S]*What to do/);
  await page.reload();
  expect(await queries().inputValue()).toBe('SELECT * FROM orders;');
});

test('a report is made of real files, by keyboard; a query that is no CQL is told where', async () => {
  await page.goto('/projects/shop');
  await page.getByRole('link', { name: 'Assessment report' }).click();
  await queries().fill('SELECT a FROM t WHERE');
  await button('Start').click();
  await expectText(page.getByRole('alert'), /CQL line 1, column \d+[\s\S]*SCHEMA_INVALID/);
  expect(await queries().inputValue()).toBe('SELECT a FROM t WHERE');
  await look('a refusal');
  await queries().fill('SELECT * FROM orders WHERE customer_id = ?; SELECT * FROM shop.customers WHERE email = ?; SELECT * FROM shop.carts;');
  await button('Start').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Report', exact: true }).waitFor({ timeout: 60_000 });
  await look('summary');
  await tab(/^Action items/).click();
  await expectText(page.getByRole('table', { name: 'Action items' }), /rows will be missing[\s\S]*shop\.customers/);
  await look('action items');
  await tab(/^Queries/).click();
  await expectText(page.getByRole('table', { name: 'Queries' }), /by the key[\s\S]*Query with pk of customer_id[\s\S]*prod-carts|by an index[\s\S]*partition key email/);
  await look('queries');
});

test('tables are filtered, sorted and opened; place and back button', async () => {
  await tab(/^Tables/).click();
  const table = page.getByRole('table', { name: 'Tables' });
  await page.getByRole('button', { name: /^Rows/ }).click();
  await page.getByRole('button', { name: /^Rows/ }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('-rows');
  await expectText(table.locator('tbody tr'), /sensor\.readings/);
  await look('tables');
  await page.getByLabel('Filter tables').fill('prod');
  await expectText(table, /shop\.carts\s+to prod-carts/);
  await table.getByRole('link', { name: 'shop.carts' }).click();
  await page.getByRole('heading', { name: 'shop.carts' }).waitFor();
  await expectText(page.getByRole('region', { name: 'Largest partitions' }), /not how often it is read or written[\s\S]*1,000 write and 3,000 read[\s\S]*%/);
  await look('a table');
  await page.reload();
  await page.getByRole('heading', { name: 'shop.carts' }).waitFor();
  await page.goBack();
  await expectText(table, /shop\.carts/);
  expect(await page.getByLabel('Filter tables').inputValue()).toBe('prod');
});

test('the files say what the page says', async () => {
  await page.goto('/projects/shop/assessment');
  const download = async (format: string): Promise<Buffer> => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: `Download ${format}` }).click()]);
    expect(file.suggestedFilename()).toBe(`shop-assessment.${format.toLowerCase()}`);
    return readFileSync(await file.path());
  };
  const { tables, actionItems } = JSON.parse((await download('JSON')).toString()) as Figures;
  const sum = (of: 'rows' | 'items' | 'writeUnits' | 'rejected'): string => tables.reduce((total, { volume }) => total + volume[of], 0).toLocaleString('en-US');
  const said = [['Rows', sum('rows')], ['Items', sum('items')], ['Write units to load them', sum('writeUnits')], ['Rows that cannot become items', sum('rejected')], ['To be solved, or rows will be missing', String(actionItems.filter(({ severity }) => severity === 'high').length)]] as const;
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(await download('PDF'))), { mergePages: true });
  for (const [label, figure] of said) {
    expect(await fact(page, label).innerText()).toBe(figure);
    expect(text).toContain(`${label} ${figure}`);
  }
  expect((await download('CSV')).toString().trimEnd().split('\r\n').length).toBe(tables.length + 1);
});

test('a report is outdated once the project was changed', async () => {
  const { version, text } = await server.api<{ version: string; text: string }>('GET', '/projects/shop');
  await server.api('PUT', '/projects/shop', { version, text: `# changed\n${text}` });
  await page.reload();
  await expectText(page.getByRole('region', { name: 'Report' }), /This report is outdated/);
  expect(await page.getByText('This report is outdated').count()).toBe(1);
  await look('an outdated report');
});

test('a run goes on over a reload, and is cancelled', async () => {
  await page.goto('/projects/slow/assessment');
  await button('Start').click();
  await page.getByRole('progressbar').first().waitFor();
  await page.getByText(/of 200 tables/).waitFor();
  await look('a run');
  await page.reload();
  await page.getByText(/of 200 tables/).waitFor();
  expect(await button('Start').isDisabled()).toBe(true);
  await expect(server.api('POST', '/projects/slow/assessment/start', {})).rejects.toThrow('ASSESSMENT_RUNNING');
  await button('Cancel').click();
  await page.getByText(/was cancelled/).waitFor();
  await look('a cancelled run');
  expect(await button('Start').isDisabled()).toBe(false);
});

test('a server that was killed: the run was cut off, and reports are still there', async () => {
  await button('Start').click();
  await page.getByText(/of 200 tables/).waitFor();
  await server.kill('both');
  await page.getByText('The assessment cannot be shown').waitFor();
  server = await Serving.start(join(scratch, 'server'));
  await page.goto(`${server.url}/projects/slow/assessment`);
  await page.getByText('The last run was cut off').waitFor();
  await look('a run that was cut off');
  await page.goto(`${server.url}/projects/shop/assessment`);
  await page.getByRole('heading', { name: 'Report', exact: true }).waitFor();
  expect(await queries().inputValue()).toContain('customer_id');
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
