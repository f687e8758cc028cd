// Mapping rules in a real browser, before a real server, over the files of a real Cassandra. One story, told in order.

import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { Serving } from '../serving.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, openPage } from './looking.ts';

let scratch: string;
let server: Serving;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-mapping-')));
  const [data, serving, chromium] = await Promise.all([unpackedDemo(), Serving.start(join(scratch, 'server')), launchChromium()]);
  [server, browser] = [serving, chromium];
  const text = `# why\nconnections:\n  sources:\n    - { kind: sstables, name: files, directories: [${data}] }\n    - { kind: cassandra, name: live, serverName: 127.0.0.1, serverPort: 1 }\n  targets:\n    - { name: ddb, region: us-east-1 }\n`;
  await server.api('POST', '/projects', { name: 'shop', text });
  ({ context, page, complaints } = await openPage(browser, server.url));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const field = (name: string) => page.getByRole('textbox', { name, exact: true });
const preview = (name: string) => page.getByRole('region', { name, exact: true });
const pick = async (label: string, option: string): Promise<void> => {
  await page.getByRole('button', { name: new RegExp(`^${label}`) }).click();
  await page.getByRole('option', { name: option }).first().click();
};
const projectFile = () => readFileSync(join(scratch, 'server/projects/shop/project.yaml'), 'utf8');

test('Actions > New mapping rule: counted as it is typed, previewed with items of real rows, saved, and there after a reload', async () => {
  await page.goto('/projects/shop');
  await button('Actions').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'New mapping rule' }).waitFor();
  await button('Save rule').click();
  await page.getByText('This is needed.').first().waitFor();
  await expectAccessible(page, 'a new mapping rule without tables');
  await pick('Source', 'files');
  await field('Keyspace').fill('*');
  await field('Table').fill('*');
  await expectText(page.getByText(/^Matches/), /Matches 7 of 7 tables/);
  await field('Keyspace').fill('shop');
  await field('Table').fill('?arts');
  await expectText(page.getByText(/^Matches/), /Matches 1 of 7 tables/);
  await field('Name of the target table').fill('prod-{table}');
  await expectText(preview('Preview'), /prod-carts[\s\S]*customer_id[\s\S]*uuid/);
  await button('Columns').click();
  await field('Attribute of quantity').fill('number');
  await page.getByRole('checkbox', { name: 'Exclude gift_note' }).check();
  const item = page.getByRole('textbox', { name: /^Item 1 in DynamoDB/ });
  await expect.poll(async () => Object.keys(JSON.parse(await item.inputValue().catch(() => '{}')) as object)).toContain('number');
  const [row, made] = [JSON.parse(await page.getByRole('textbox', { name: 'Row 1 in Cassandra' }).inputValue()), JSON.parse(await item.inputValue())] as [Record<string, unknown>, Record<string, unknown>];
  expect(made).toMatchObject({ pk: { S: `${String(row['customer_id'])}#` }, sku: { S: row['sku'] }, number: { N: String(row['quantity']) } });
  expect(Object.keys(made)).not.toContain('gift_note');
  for (const closed of ['Keys', 'TTL, static columns, numbers', 'Capacity, encryption, tags', 'Global secondary indexes', 'Item profile']) await button(closed).click();
  await button('Add index').click();
  await expectAccessible(page, 'a mapping rule with all that there is');
  await button('Remove index 1').click();
  await page.reload();
  expect([await field('Table').inputValue(), await field('Attribute of quantity').inputValue()]).toEqual(['?arts', 'number']);
  await button('Save rule').click();
  await page.getByRole('link', { name: 'shop.?arts' }).waitFor();
  await expectText(page.getByRole('table', { name: 'Mapping rules' }), /shop\.\?arts[\s\S]*files → ddb[\s\S]*1 table[\s\S]*table "prod-\{table\}", 2 columns/);
  expect(projectFile()).toMatch(/^# why\n[\s\S]*mapping:\n {2}rules:\n {4}- table: shop\.\?arts\n {6}source: files\n {6}target: ddb\n {6}name: prod-\{table\}\n/);
});

test('conflicts and what rows lose come with what to do; a cluster without files says why there are no items', async () => {
  await page.getByRole('link', { name: 'New mapping rule' }).click();
  await pick('Source', 'files');
  await field('Keyspace').fill('shop');
  await field('Table').fill('*');
  await field('Name of the target table').fill('prod-carts');
  await expectText(preview('Before you migrate'), /To be solved[\s\S]*would become the same table "prod-carts" \(MAPPING_COLLISION\)[\s\S]*What to do: Give one of them another name/);
  await expectAccessible(page, 'a mapping rule with a conflict');
  await field('Name of the target table').fill('');
  await pick('Table shop', 'shop.customers');
  await expect.poll(() => new URL(page.url()).search).toBe('?table=shop.customers');
  await expectText(preview('Items of real rows'), /What these rows lose[\s\S]*decimals in [\d,]+ rows lose their scale/, 20_000);
  await pick('Source', 'live');
  await expectText(page.getByRole('main'), /What matches is not known[\s\S]*CONNECTION_CLOSED[\s\S]*Connect live/);
  await pick('Source', 'files');
  await field('Table').fill('orders');
  await expectText(preview('Preview'), /shop\.orders/);
  await button('Save rule').click();
  await page.getByRole('link', { name: 'shop.orders' }).waitFor();
});

test('rules are moved, edited and deleted; the back button goes where one was', async () => {
  await button('Move rule 2 up').click();
  await page.getByText('Rule shop.orders is now number 1.').waitFor();
  expect(projectFile().indexOf('shop.orders')).toBeLessThan(projectFile().indexOf('shop.?arts'));
  await page.getByRole('link', { name: 'shop.orders' }).click();
  await page.getByRole('heading', { name: 'Edit mapping rule 1' }).waitFor();
  expect(await field('Keyspace').inputValue()).toBe('shop');
  await page.goBack();
  await page.getByRole('link', { name: 'shop.orders' }).waitFor();
  await expectAccessible(page, 'mapping rules');
  await button('Delete rule 1').click();
  await expectAccessible(page, 'the question before a rule is deleted');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('Rule shop.orders is deleted.').waitFor();
  expect(projectFile()).not.toContain('shop.orders');
});

test('of two tabs that save, the second is told, keeps what was typed, and can save it after all', async () => {
  const second = await context.newPage();
  await second.goto('/projects/shop/new-mapping-rule?edit=1');
  await second.getByRole('textbox', { name: 'Name of the target table' }).fill('theirs-{table}');
  await page.goto('/projects/shop/new-mapping-rule');
  await field('Keyspace').fill('sensor');
  await field('Table').fill('*');
  await button('Save rule').click();
  await page.getByRole('link', { name: 'sensor.*' }).waitFor();
  await second.getByRole('button', { name: 'Save rule' }).click();
  await expectText(second.getByRole('alert'), /PROJECT_STALE[\s\S]*What to do/);
  await expectAccessible(second, 'a stale mapping rule');
  await second.getByRole('button', { name: 'Load the rules again, keep what is typed' }).click();
  await second.getByRole('alert').waitFor({ state: 'hidden' });
  expect(await second.getByRole('textbox', { name: 'Name of the target table' }).inputValue()).toBe('theirs-{table}');
  await second.getByRole('button', { name: 'Save rule' }).click();
  await second.getByRole('link', { name: 'shop.?arts' }).waitFor();
  expect(projectFile()).toMatch(/theirs-\{table\}[\s\S]*sensor\.\*/);
  await second.close();
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
