// Projects in a real browser, before a real server: files of Cassandra as the source, a local DynamoDB as the target. One story, told in order.

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { dynamodbClient } from '../migrated-tables.ts';
import { Serving } from '../serving.ts';
import { startStandIn } from '../stand-ins.ts';
import type { StandIn } from '../stand-ins.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, openPage } from './looking.ts';

const MANY_TABLES = 10_000;
/** What the project promises; measured within the page, from the click to the frame after it. */
const CLICK_MILLIS = 100;

let scratch: string;
let data: string;
let server: Serving;
let dynamodb: StandIn;
/** Accepts connections and says nothing. */
let silent: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-projects-')));
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  [data, dynamodb, server, browser] = await Promise.all([unpackedDemo(), startStandIn('dynamodb'), Serving.start(join(scratch, 'server')), launchChromium()]);
  const client = dynamodbClient(dynamodb.endpoint);
  await client.send(new CreateTableCommand({
    TableName: 'shop.orders', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }, { AttributeName: 'status', AttributeType: 'S' }],
    GlobalSecondaryIndexes: [{ IndexName: 'by_status', KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
  }));
  client.destroy();
  ({ context, page, complaints } = await openPage(browser, server.url, { viewport: { width: 1400, height: 1000 } }));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await dynamodb?.stop();
  silent?.close();
  rmSync(scratch, { recursive: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const field = (name: string) => page.getByRole('textbox', { name, exact: true });
const item = (name: string | RegExp) => page.getByRole('treeitem', { name });
const choose = async (menu: string, entry: string): Promise<void> => {
  await button(menu).click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
};

test('File > New project, by keyboard; a name that is taken keeps what was typed', async () => {
  await page.goto('/projects');
  await page.getByText('No project yet.').waitFor();
  await expectAccessible(page, 'no projects');
  await button('File').focus();
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.locator(':focus').innerText()).toBe('New project');
  await expectAccessible(page, 'an open menu');
  await page.keyboard.press('Escape');
  expect(await page.locator(':focus').innerText()).toMatch(/^File/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await button('Create').click();
  await page.getByText('This is needed.').waitFor();
  await expectAccessible(page, 'a new project without a name');
  await field('Project name').fill('shop');
  await page.keyboard.press('Enter');
  await page.getByText('No source yet').waitFor();
  expect(new URL(page.url()).pathname).toBe('/projects/shop');
  await expectAccessible(page, 'an empty project');
  await choose('File', 'New project');
  await field('Project name').fill('shop');
  await button('Create').click();
  await expectText(page.getByRole('alert'), /PROJECT_EXISTS[\s\S]*What to do/);
  expect(await field('Project name').inputValue()).toBe('shop');
});

test('Test connection says what failed, keeps what was typed, and ends in time', async () => {
  await page.goto('/projects/shop');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Add source' }).click();
  await page.getByText('SSTable directory', { exact: true }).waitFor();
  await expectAccessible(page, 'what a source is of');
  await button('Next').click();
  await button('Test connection').click();
  await page.getByText('This is needed.').first().waitFor();
  await field('Connection name').fill('production');
  await field('Server name').fill('127.0.0.1');
  await field('Server port').fill('1');
  await field('User name').fill('min_privs');
  await page.getByLabel('Password', { exact: true }).fill('planted-secret-7');
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /does not work[\s\S]*Resolve the server name[\s\S]*127\.0\.0\.1 port 1: ECONNREFUSED[\s\S]*What to do[\s\S]*SOURCE_UNREACHABLE[\s\S]*not tried/);
  await expectAccessible(page, 'a test that failed');
  await field('Server name').fill('no-such-host.invalid');
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /SOURCE_HOST_UNKNOWN/);
  await field('Server name').fill('127.0.0.1');
  await field('Server port').fill(String((silent.address() as AddressInfo).port));
  const startedMillis = Date.now();
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /CONNECTION_TIMED_OUT/, 25_000);
  expect(Date.now() - startedMillis).toBeLessThan(22_000);
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('planted-secret-7');
  await page.reload();
  expect([await field('Connection name').inputValue(), await page.getByLabel('Password', { exact: true }).inputValue()]).toEqual(['production', '']);
  await page.getByText('Use SSL', { exact: true }).click();
  await field('Trust store').fill('/nowhere.p12');
  await page.getByLabel('Trust store password').fill('planted-secret-8');
  await page.getByLabel('Password', { exact: true }).fill('planted-secret-7');
  await expectAccessible(page, 'a source with SSL');
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /FILE_UNREADABLE|CONNECTION_TIMED_OUT/);
  expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href]))).not.toMatch(/planted-secret/);
});

test('an SSTable directory is a source: its tree, by mouse and by keyboard', async () => {
  await page.goto('/projects/shop');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Add source' }).click();
  await page.getByText('SSTable directory', { exact: true }).click();
  await button('Next').click();
  await field('Connection name').fill('files');
  await field('Directories').fill(data);
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /The connection works[\s\S]*7 tables/);
  await button('Connect').click();
  await item(/^files/).waitFor();
  await item(/^files/).click();
  await item(/^Keyspaces/).click();
  await item(/^shop/).click();
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('tree', { name: 'Tree of the sources' }).evaluate((tree) => document.activeElement === tree)).toBe(true);
  await item(/^Tables/).click();
  await item(/^orders/).click();
  await item(/^Keys \d/).click();
  await expectText(page.getByRole('tree', { name: 'Tree of the sources' }), /orders[\s\S]*Keys[\s\S]*partition key/);
  expect(await item(/^orders/).getAttribute('aria-level')).toBe('5');
  await expectAccessible(page, 'a tree of sources');
});

test('a target: DynamoDB with its tables, keys and indexes', async () => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Add target' }).click();
  await button('Next').click();
  await field('Connection name').fill('dynamodb');
  await field('Region').fill('us-east-1');
  await field('Endpoint (optional)').fill('http://127.0.0.1:1');
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /TARGET_NOT_REACHED/, 25_000);
  await field('Endpoint (optional)').fill(dynamodb.endpoint);
  await field('AWS access key').fill('AKIDEXAMPLE');
  await page.getByLabel('AWS secret key').fill('planted-secret-9');
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /The connection works[\s\S]*access key AKIDEXAMPLE[\s\S]*1 tables in us-east-1/);
  await expectAccessible(page, 'a target that was tested');
  await button('Connect').click();
  const tree = page.getByRole('tree', { name: 'Tree of the targets' });
  await tree.getByRole('treeitem', { name: /^dynamodb/ }).click();
  await tree.getByRole('treeitem', { name: /^Tables/ }).click();
  await tree.getByRole('treeitem', { name: /^shop.orders/ }).click();
  await tree.getByRole('treeitem', { name: /^Indexes/ }).click();
  await expectText(tree, /shop\.orders[\s\S]*Keys[\s\S]*by_status[\s\S]*Items[\s\S]*Size/);
  await expectAccessible(page, 'both trees');
});

test('search, reload and the back button: the place is in the address', async () => {
  await page.getByRole('textbox', { name: 'Search source' }).or(page.getByRole('searchbox', { name: 'Search source' })).fill('review');
  await item(/^product_reviews/).click();
  await expect.poll(() => new URL(page.url()).search).toContain('find-source=review');
  await page.reload();
  await item(/^product_reviews/).waitFor();
  expect(await item(/^product_reviews/).getAttribute('aria-selected')).toBe('true');
  await page.getByRole('tab', { name: 'Project file' }).click();
  await expectText(page.getByRole('textbox', { name: 'Text' }), /^$|kind/);
  await expectAccessible(page, 'the project file');
  await page.goBack();
  await item(/^product_reviews/).waitFor();
  expect(readFileSync(join(scratch, 'server/projects/shop/project.yaml'), 'utf8')).not.toMatch(/planted-secret/);
});

test('of two tabs that save, the second is told, and nothing is lost', async () => {
  const second = await context.newPage();
  await second.goto('/projects/shop?tab=file');
  await page.goto('/projects/shop?tab=file');
  const text = (where: Page) => where.getByRole('textbox', { name: 'Text' });
  await text(page).waitFor();
  await text(second).waitFor();
  const before = await text(page).inputValue();
  await text(page).fill(`# first\n${before}`);
  await text(second).fill(`# second\n${before}`);
  await choose('File', 'Save');
  await page.getByText('Saved.', { exact: true }).waitFor();
  await second.getByRole('button', { name: 'Save', exact: true }).click();
  await expectText(second.getByRole('alert'), /PROJECT_STALE[\s\S]*What to do/);
  expect(await text(second).inputValue()).toMatch(/^# second/);
  await second.reload();
  expect(await text(second).inputValue()).toMatch(/^# second/);
  await expectAccessible(second, 'a stale project file');
  await second.close();
  await text(page).fill('connections: {}\nsorce: 1\n');
  await button('Save').click();
  await expectText(page.getByRole('alert'), /did you mean "source"[\s\S]*PROJECT_INVALID/);
  await button('Discard changes').click();
  expect(await text(page).inputValue()).toMatch(/^# first/);
});

test('a closed project asks for the secret key again', async () => {
  await choose('File', 'Close');
  await page.getByRole('link', { name: 'shop', exact: true }).click();
  await button('Connect dynamodb').click();
  const dialog = page.getByRole('dialog');
  await expectAccessible(page, 'a question for a secret');
  await dialog.getByLabel('AWS secret key').fill('again');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('dynamodb: Amazon DynamoDB in us-east-1').waitFor();
});

test('Actions follow what is chosen; a connection is edited and removed', async () => {
  await page.getByRole('tree', { name: 'Tree of the targets' }).getByRole('treeitem', { name: /^dynamodb/ }).click();
  await choose('Actions', 'Edit dynamodb');
  await page.getByRole('heading', { name: 'Edit target dynamodb' }).waitFor();
  await field('Connection name').fill('ddb');
  await button('Save').click();
  await page.getByRole('tree', { name: 'Tree of the targets' }).getByRole('treeitem', { name: /^ddb/ }).click();
  await choose('Actions', 'Remove ddb');
  await expectAccessible(page, 'the question before a removal');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No target yet').waitFor();
});

test(`a tree of ${MANY_TABLES} tables opens at once`, async () => {
  const cql = `CREATE KEYSPACE wide WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};\n${Array.from({ length: MANY_TABLES }, (_, i) => `CREATE TABLE wide.table_${String(i).padStart(5, '0')} (k int PRIMARY KEY, v text);`).join('\n')}\n`;
  writeFileSync(join(scratch, 'wide.cql'), cql);
  // Directories of tables as a node has them: without schema tables the text is the schema, and tables are where directories are.
  for (let i = 0; i < MANY_TABLES; i++) mkdirSync(join(scratch, `wide-data/wide/table_${String(i).padStart(5, '0')}-${i.toString(16).padStart(32, '0')}`), { recursive: true });
  await server.api('POST', '/projects', { name: 'wide', text: `connections:\n  sources:\n    - { kind: sstables, name: wide, directories: [${scratch}/wide-data], schema: ${scratch}/wide.cql }\n` });
  await page.goto('/projects/wide');
  await button('Connect wide').click();
  await page.getByText('wide: SSTable directory').waitFor({ timeout: 60_000 });
  await item(/^wide/).first().click();
  await item(/^Keyspaces/).click();
  await item(/^wide/).nth(1).click();
  await item(/^Tables/).waitFor();
  const millis = await page.evaluate(async () => {
    const row = [...document.querySelectorAll<HTMLElement>('[role=treeitem]')].find((one) => one.innerText.includes('Tables'))!;
    const measured: number[] = [];
    for (let i = 0; i < 5; i++) {
      const startedMillis = performance.now();
      row.click();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      measured.push(performance.now() - startedMillis);
      if (!document.body.innerText.includes('table_00003')) throw new Error('The tree is not open');
      row.click();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    return measured.toSorted((a, b) => a - b);
  });
  process.stdout.write(`A tree of ${MANY_TABLES} tables opened in ${millis.map((one) => one.toFixed(0)).join(', ')} ms\n`);
  expect(millis[2]).toBeLessThan(CLICK_MILLIS);
  await item(/^Tables/).click();
  expect(await page.getByRole('treeitem').count()).toBeLessThan(150);
  await page.keyboard.press('End');
  await item(/^table_09999/).waitFor();
  await expectAccessible(page, 'a large tree');
});

test('before a project is deleted, the page says exactly what goes', async () => {
  await page.goto('/projects/wide');
  await button('Delete project').click();
  const dialog = page.getByRole('dialog');
  await expectText(dialog, /The project file .*projects\/wide\/project\.yaml[\s\S]*Stays/);
  await expectAccessible(page, 'the question before a deletion');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('link', { name: 'shop', exact: true }).waitFor();
  expect(await page.getByRole('link', { name: 'wide', exact: true }).count()).toBe(0);
  await expectAccessible(page, 'projects');
});

test('Export and Import', async () => {
  await page.goto('/projects/shop');
  await page.getByRole('heading', { name: 'shop', exact: true }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), choose('File', 'Export')]);
  const exported = join(scratch, 'exported.yaml');
  await download.saveAs(exported);
  expect(download.suggestedFilename()).toBe('shop.yaml');
  await choose('File', 'Import');
  await page.getByLabel('Exported file').last().setInputFiles(exported);
  await field('Project name').fill('copy');
  await expectAccessible(page, 'an import');
  await button('Import').click();
  await button('Connect files').click();
  await page.getByText('files: SSTable directory').waitFor();
});

test('Open: a project file where it is; what is none is refused', async () => {
  const path = join(scratch, 'elsewhere.yaml');
  writeFileSync(path, 'connections: {}\n');
  await choose('File', 'Open');
  await field('Project file').fill('/etc/passwd');
  await button('Open').click();
  await expectText(page.getByRole('alert'), /PROJECT_PATH_REFUSED/);
  await field('Project file').fill(path);
  await button('Open').click();
  await page.getByRole('heading', { name: 'elsewhere', exact: true }).waitFor();
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
