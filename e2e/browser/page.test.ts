// The page in a real browser, before a real server with two agents, one of which dies. One story, told in order: each test goes on where the
// one before it ended.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DEMO_NOW, dynamodbClient } from '../migrated-tables.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectAnnounced, expectText, fact, keepAnnouncements, watchConsole } from './looking.ts';
import { SERVICE_PASSWORD, Stage, TABLES } from './stage.ts';
import type { TaskStatus } from '../serving.ts';

/** JavaScript, gzip, of everything that the list of tasks needs. The goal of the project is 350 KB. */
const FIRST_LOAD_BYTES = 280 * 1024;

let stage: Stage;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let id = '';
beforeAll(async () => {
  [stage, browser] = await Promise.all([Stage.open(), launchChromium()]);
  context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1400, height: 1000 }, colorScheme: 'light', baseURL: stage.server.url });
  context.setDefaultTimeout(20_000);
  await keepAnnouncements(context);
  page = await context.newPage();
  complaints = watchConsole(page);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const splits = (where: Page) => fact(where, 'Splits');

test('the first page is for everybody: keyboard, light and dark, and says what to do', async () => {
  await page.goto('/');
  await page.getByText('No task yet.').waitFor();
  await expectAccessible(page, 'no tasks');
  await page.keyboard.press('Tab');
  const focused = page.locator(':focus');
  expect(await focused.innerText()).toBe('Skip to the content');
  expect(await focused.evaluate((link) => [getComputedStyle(link).outlineStyle, link.getBoundingClientRect().top >= 0])).toEqual(['solid', true]);
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  await page.keyboard.press('Tab');
  expect(await focused.innerText()).toBe('Tasks');
});

test('the first load is small', async () => {
  const fresh = await context.newPage();
  const scripts: Promise<number>[] = [];
  const answers: string[] = [];
  fresh.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(response.body().then((body) => gzipSync(body).length));
    answers.push(`${response.status()} ${response.headers()['cache-control']}`);
  });
  await fresh.goto('/');
  await fresh.getByText('No task yet.').waitFor();
  const gzipBytes = (await Promise.all(scripts)).reduce((sum, one) => sum + one, 0);
  expect(gzipBytes).toBeGreaterThan(50_000);
  expect(gzipBytes).toBeLessThan(FIRST_LOAD_BYTES);
  expect(answers.filter((answer) => answer.includes('immutable')).length).toBeGreaterThan(3);
  await fresh.close();
});

test('the theme follows the system until the user chooses, and the choice stays', async () => {
  const isDark = () => page.evaluate(() => document.body.classList.contains('awsui-dark-mode'));
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(isDark).toBe(true);
  await page.getByLabel('Theme').selectOption('light');
  await page.reload();
  await page.getByText('No task yet.').waitFor();
  expect([await isDark(), await page.getByLabel('Theme').inputValue()]).toEqual([false, 'light']);
  await page.getByLabel('Theme').selectOption('system');
  expect(await isDark()).toBe(true);
});

test('agents are registered by form; a refusal says what to do and keeps what was typed', async () => {
  // Opens by itself when the server is started again: the passwords of agents are there then.
  await stage.server.api('POST', '/vault', { lock: { kind: 'key-file', file: join(stage.scratch, 'vault.key') } });
  await page.getByRole('link', { name: 'Agents' }).click();
  for (const name of ['first', 'second'] as const) {
    await page.getByRole('link', { name: 'Register' }).click();
    await page.getByLabel('Host name').fill('127.0.0.1');
    await page.getByLabel('Port').fill(String(stage.agents[name].port));
    await page.getByLabel('Name (optional)').fill(name);
    await page.getByText('Use SSL', { exact: true }).click();
    await page.getByLabel('Password', { exact: true }).fill(SERVICE_PASSWORD);
    await page.getByText('Store password').click();
    if (name === 'first') {
      await page.getByLabel('Fingerprint').fill(stage.agents.second.fingerprint);
      await button('Register').click();
      await expectText(page.getByRole('alert'), /AGENT_NOT_TRUSTED[\s\S]*What to do/);
      await expectAccessible(page, 'refused form');
      expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(SERVICE_PASSWORD);
    }
    await page.getByLabel('Fingerprint').fill(stage.agents[name].fingerprint);
    await button('Register').click();
    await expectText(page.getByRole('row', { name: new RegExp(`^${name}`) }), /healthy/);
  }
  await expectAccessible(page, 'agents');
});

test('an agent shows its machine and what it found, by an address of its own', async () => {
  await page.getByRole('link', { name: 'first', exact: true }).click();
  await expectText(page.getByRole('main'), /Host[\s\S]*CPUs[\s\S]*free of[\s\S]*Certificate ends/);
  await expectText(page.getByRole('table', { name: 'Tables found' }), /sensor\.readings[\s\S]*shop\.customers/);
  await expectText(page.getByRole('table', { name: 'Mounts' }), /mounts nothing/);
  expect(new URL(page.url()).pathname).toBe('/agents/first');
  await expectAccessible(page, 'agent');
  await page.goto('/agents/nobody');
  await page.getByRole('heading', { name: 'There is no such agent' }).waitFor();
  await page.goto('/agents/built-in');
  await expectText(page.getByRole('main'), /within the server[\s\S]*healthy/);
  await page.goBack();
});

test('a task is made of a project file; a wrong path says what to do', async () => {
  await page.getByRole('link', { name: 'Tasks' }).click();
  await page.getByRole('link', { name: 'Create a task' }).first().click();
  await page.getByLabel('Project file').fill('/nowhere.yaml');
  await page.keyboard.press('Enter');
  await expectText(page.getByRole('alert'), /PROJECT_UNREADABLE[\s\S]*What to do: Check the path/);
  expect(await page.getByLabel('Project file').inputValue()).toBe('/nowhere.yaml');
  await page.getByLabel('Project file').fill(stage.project('shop', { writeCapacityUnits: 500 }));
  await page.keyboard.press('Enter');
  await button('Start').waitFor();
  id = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1)!);
  expect(await stage.server.task(id)).toMatchObject({ state: 'created' });
  await expectAccessible(page, 'new task');
});

test('the page lags less than a second behind, in both of two tabs', async () => {
  const second = await context.newPage();
  await second.goto(`/tasks/${id}`);
  await second.getByRole('heading', { name: 'shop', exact: true }).waitFor();
  await button('Start').click();
  await expectAnnounced(page, 'Task shop: running.');
  await Promise.all([page, second].map((tab) => expectText(splits(tab), /^0 of [1-9]\d+ done$/, 30_000)));
  const told = await Promise.all([page, second].map((tab) => recordSplits(tab)));
  expect(told).toEqual([true, true]);
  const known: { readonly millis: number; readonly committed: number }[] = [];
  while (known.at(-1)?.committed !== undefined ? known.at(-1)!.committed < 12 : true) {
    const { totals } = await stage.server.task(id);
    known.push({ millis: Date.now(), committed: totals.committedSplits });
    await sleep(20);
  }
  await sleep(1_100);
  for (const tab of [page, second]) {
    const shown = await tab.evaluate(() => (window as unknown as { shown: { millis: number; committed: number }[] }).shown);
    const lags = known.filter(({ committed }, i) => committed > (known[i - 1]?.committed ?? 0)).map(({ millis, committed }) => shown.find((one) => one.committed >= committed)!.millis - millis);
    expect(lags.length).toBeGreaterThan(2);
    expect(Math.max(...lags)).toBeLessThan(1_000);
  }
  await second.close();
});

/** From now on the page notes when it shows another count of finished splits. */
function recordSplits(tab: Page): Promise<boolean> {
  return splits(tab).evaluate((element) => {
    const shown: { millis: number; committed: number }[] = [];
    const note = (): void => void shown.push({ millis: Date.now(), committed: Number.parseInt((element as HTMLElement).innerText, 10) });
    new MutationObserver(note).observe(element, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { shown });
    return true;
  });
}

test('an agent that is killed shows as lost, and the task goes on', async () => {
  await page.getByRole('tab', { name: 'Agents' }).click();
  expect(new URL(page.url()).search).toBe('?tab=agents');
  await stage.agents.second.end('SIGKILL');
  await expectText(page.getByRole('row', { name: /^second/ }), /lost, no answer[\s\S]*AGENT_UNREACHABLE[\s\S]*What to do/, 15_000);
  await expectAnnounced(page, 'Agent second is unreachable.');
  await expectAccessible(page, 'a lost agent');
  const { totals } = await stage.server.task(id);
  await expect.poll(async () => (await stage.server.task(id)).totals.fraction, { timeout: 30_000 }).toBeGreaterThan(totals.fraction);
  // So that the task is not done before this story is.
  await stage.gate.shut();
});

test('place, filter and order are in the address: reload and the back button keep them', async () => {
  await page.getByRole('tab', { name: /^Tables/ }).click();
  await page.getByLabel('Filter tables').fill('orders');
  await page.getByRole('columnheader', { name: /^Rows/ }).getByRole('button').click();
  await expect.poll(() => new URL(page.url()).search).toBe('?filter=orders&sort=rows');
  await page.reload();
  await expect.poll(() => page.getByRole('table').getByRole('row').count(), { timeout: 10_000 }).toBe(2);
  expect(await page.getByLabel('Filter tables').inputValue()).toBe('orders');
  await page.getByRole('link', { name: 'All tasks' }).click();
  await page.getByRole('heading', { name: /^Tasks/ }).waitFor();
  await expectAccessible(page, 'tasks');
  await page.goBack();
  expect(new URL(page.url()).search).toBe('?filter=orders&sort=rows');
  await page.goBack();
  expect(new URL(page.url()).search).toBe('?filter=orders');
  await page.getByLabel('Clear the filter').click();
});

test('a stopped task stands still, its clock too, until it is resumed', async () => {
  await button('Stop').click();
  await button('Resume').waitFor({ timeout: 30_000 });
  const stood = await fact(page, 'Elapsed').innerText();
  await expectAccessible(page, 'a stopped task');
  await page.reload();
  await expectText(fact(page, 'Elapsed'), /\d/);
  expect(await fact(page, 'Elapsed').innerText()).toBe(stood);
  await button('Resume').click();
  await expect.poll(() => fact(page, 'Elapsed').innerText(), { timeout: 5_000 }).not.toBe(stood);
  // DynamoDB cannot be reached: the agents try by themselves, and that is seen.
  await expectText(fact(page, 'Retries of requests'), /^[1-9]/, 30_000);
  await expectText(page.getByRole('table'), /Last retry: \S|What to do/);
});

test('a lost server is told of, and the page goes on by itself when it is back', async () => {
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  await stage.server.kill('both');
  await expectText(page.getByRole('alert'), /The server does not answer[\s\S]*as of/);
  await expectAccessible(page, 'a lost server');
  await button('Stop').click();
  await expectText(page.getByRole('alert').nth(1), /SERVER_UNREACHABLE[\s\S]*What to do/);
  await Promise.all([stage.serveAgain(), stage.gate.open()]);
  await page.getByText('The server does not answer').waitFor({ state: 'hidden', timeout: 10_000 });
  await expectAnnounced(page, 'The server answers.');
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  await page.getByLabel('Close this message').click();
});

test('at the end the clock stands still, and what was found is shown', async () => {
  await expect.poll(() => stage.server.task(id).then(({ state }) => state), { timeout: 120_000, interval: 200 }).toBe('done');
  await button('Stop').waitFor({ state: 'hidden' });
  await expectText(page.getByRole('row', { name: /^shop.orders/ }), /rows rejected/);
  await expectText(page.getByRole('row', { name: /^shop.product_reviews/ }), /done, equal/);
  const stood = await fact(page, 'Elapsed').innerText();
  await page.getByRole('tab', { name: 'Log' }).click();
  await expectText(page.getByRole('table'), /Task done[\s\S]*Task resumed[\s\S]*Asked to stop[\s\S]*Task started/);
  await expectAccessible(page, 'the log');
  await sleep(1_200);
  expect(await fact(page, 'Elapsed').innerText()).toBe(stood);
});

test('before a task is deleted, the page says exactly what goes and what stays', async () => {
  const second = await context.newPage();
  await second.goto(`/tasks/${id}`);
  await second.getByRole('heading', { name: 'shop', exact: true }).waitFor();
  await button('Delete').focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const { totals } = await stage.server.task(id);
  await expectText(dialog, new RegExp(`Deleted[\\s\\S]*s3://browser-test/shop/[\\s\\S]*Its progress[\\s\\S]*Stays[\\s\\S]*3 tables in DynamoDB with ${totals.loadedItems.toLocaleString('en')} loaded items`));
  await expectAccessible(page, 'the question before a deletion');
  expect(await dialog.locator(':focus').count()).toBe(1);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => page.locator(':focus').innerText()).toBe('Delete');
  await button('Delete').click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No task yet.').waitFor();
  await second.getByRole('heading', { name: 'This task was deleted' }).waitFor();
  await second.close();
  const client = dynamodbClient(stage.gate.endpoint);
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(expect.arrayContaining(TABLES.map((table) => `shop-${table}`)));
  client.destroy();
});

test('what fails is shown with its code, its remedy and the next try', async () => {
  await stage.gate.shut();
  const retried = await stage.server.api<TaskStatus>('POST', '/tasks', { projectFile: stage.project('retried'), nowSeconds: DEMO_NOW });
  await stage.server.api('POST', `/tasks/${retried.id}/start`);
  await page.goto(`/tasks/${retried.id}`);
  await expectText(page.getByRole('row', { name: /^shop.orders/ }), /TARGET_UNREACHABLE[\s\S]*What to do[\s\S]*(?:Next try in \d|Trying again)/, 30_000);
  await expectAccessible(page, 'a task that fails');
  await stage.gate.open();
});

test('an address that leads nowhere says so', async () => {
  await page.goto('/tasks/none');
  await page.getByRole('heading', { name: 'There is no such task' }).waitFor();
  await page.goto('/nowhere');
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await expectAccessible(page, 'nothing there');
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
