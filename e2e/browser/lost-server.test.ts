// Pages while the server is away, and when it is back: the banner comes and goes by itself, forms keep what was typed (secrets too), what was
// refused for want of a server is saved then, and what could not be asked for comes by itself.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Serving } from '../serving.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, watchConsole } from './looking.ts';

/** Pages with a form: its address, what is typed into it, and what is seen once it is saved. A browser has room for four that listen. */
const FORMS: readonly { readonly path: string; readonly typed: Readonly<Record<string, string>>; readonly save: string; readonly savedPath: string; readonly savedText: RegExp }[] = [
  { path: '/new-project', typed: { 'Project name': 'other' }, save: 'Create', savedPath: '/projects/other', savedText: /other/ },
  { path: '/projects/shop/add-source', typed: { 'Connection name': 'live', 'Server name': '127.0.0.1', 'User name': 'min_privs', Password: 'typed while it was lost' }, save: 'Save', savedPath: '/projects/shop', savedText: /live/ },
  { path: '/settings?add=1', typed: { Name: 'prod', 'Access key': 'AKIAAENEASTESTACCOUNT', 'Secret key': 'typed while it was lost', Region: 'eu-central-1' }, save: 'Save', savedPath: '/settings', savedText: /prod[\s\S]*in memory/ },
];
const PREREQUISITES = '/prerequisites?tab=db-user';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-lost-server-'));
const workspace = join(scratch, 'server');
const complaints: string[][] = [];
let server: Serving;
let browser: Browser;
let context: BrowserContext;
let forms: Page[];
let prerequisites: Page;
beforeAll(async () => {
  [server, browser] = await Promise.all([Serving.start(workspace), launchChromium()]);
  context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 1000 }, colorScheme: 'light', baseURL: server.url });
  context.setDefaultTimeout(20_000);
  await server.api('POST', '/projects', { name: 'shop' });
  const open = async (path: string): Promise<Page> => {
    const tab = await context.newPage();
    complaints.push(watchConsole(tab));
    await tab.goto(path);
    return tab;
  };
  forms = [];
  for (const { path } of FORMS) forms.push(await open(path));
  prerequisites = await open(PREREQUISITES);
  await prerequisites.getByLabel('Keyspaces', { exact: true }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

const field = (tab: Page, label: string) => tab.getByLabel(label, { exact: true }).last();

test('every page tells that the server is lost, and a form keeps what was typed', async () => {
  for (const [i, { save }] of FORMS.entries()) await forms[i]!.getByRole('button', { name: save, exact: true }).waitFor();
  await server.kill('both');
  for (const [i, { typed, save }] of FORMS.entries()) {
    const tab = forms[i]!;
    await tab.bringToFront();
    await tab.getByText('The server does not answer').waitFor();
    for (const [label, value] of Object.entries(typed)) await field(tab, label).fill(value);
    await tab.getByRole('button', { name: save, exact: true }).click();
    await expectText(tab.getByRole('alert').filter({ hasText: 'SERVER_UNREACHABLE' }), /What to do/);
    for (const [label, value] of Object.entries(typed)) expect({ label, value: await field(tab, label).inputValue() }).toEqual({ label, value });
    if (i === 0) await expectAccessible(tab, 'a form without a server');
  }
  await prerequisites.bringToFront();
  await prerequisites.getByText('The server does not answer').waitFor();
  await prerequisites.getByLabel('Keyspaces', { exact: true }).fill('typed_while_it_was_lost');
  await expectText(prerequisites.getByRole('alert').filter({ hasText: 'SERVER_UNREACHABLE' }), /What to do/);
});

test('when it is back, the banner goes by itself, what was refused is saved, and what could not be asked for is there', async () => {
  server = await Serving.start(workspace, ['--port', new URL(server.url).port]);
  await expect.poll(() => prerequisites.locator('textarea').evaluateAll((all) => all.map((one) => (one as HTMLTextAreaElement).value).join('\n')), { timeout: 15_000 }).toMatch(/GRANT [\s\S]*typed_while_it_was_lost/);
  await expect.poll(() => prerequisites.getByRole('alert').count()).toBe(0);
  for (const [i, { typed, save, savedPath, savedText }] of FORMS.entries()) {
    const tab = forms[i]!;
    await tab.bringToFront();
    await tab.getByText('The server does not answer').waitFor({ state: 'hidden' });
    for (const [label, value] of Object.entries(typed)) expect({ label, value: await field(tab, label).inputValue() }).toEqual({ label, value });
    await tab.getByRole('button', { name: save, exact: true }).click();
    await expect.poll(() => new URL(tab.url()).pathname).toBe(savedPath);
    await expectText(tab.getByRole('main'), savedText);
  }
});

test('the browser had nothing to complain about', () => {
  expect(complaints.flat()).toEqual([]);
});
