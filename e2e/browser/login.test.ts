// A server that others can reach: it does not start without password and TLS, and answers nobody who is not logged in. Over real TLS with
// certificates of our own authority, by a real browser and by command.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aeneas } from '../aeneas-process.ts';
import { Serving } from '../serving.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, openPage } from './looking.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-login-'));
const passwordFile = join(scratch, 'login');
const storePassword = join(scratch, 'store-password');
const stores = join(scratch, 'stores');
let tls: string[];
let server: Serving;
let browser: Browser;
let page: Page;
let password: string;
let complaints: string[];

/** The command with settings of its own. */
const command = (words: readonly string[], env: Readonly<Record<string, string>> = {}) => aeneas([...words], { env: { XDG_CONFIG_HOME: join(scratch, 'config'), ...env } });

beforeAll(async () => {
  writeFileSync(storePassword, 'of the stores\n', { mode: 0o600 });
  writeFileSync(join(scratch, 'authority-password'), 'of the authority\n', { mode: 0o600 });
  const made = await command(['keystore', 'generate', stores, '--agent', 'page=localhost,aeneas.test', '--store-password-file', storePassword, '--authority-password-file', join(scratch, 'authority-password')]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  tls = ['--tls-key-store', join(stores, 'agent-page.p12'), '--tls-password-file', storePassword];
  [server, browser] = await Promise.all([Serving.start(join(scratch, 'server'), ['--host', '0.0.0.0', '--host-name', 'localhost', 'aeneas.test', '--login-password-file', passwordFile, ...tls]), launchChromium()]);
  password = readFileSync(passwordFile, 'utf8').trim();
  // Chromium has no list of authorities that a test could add to; that the certificate is right the commands below check.
  ({ page, complaints } = await openPage(browser, server.url, { ignoreHTTPSErrors: true }));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

async function asked(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: object): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(`${server.url}${path}`, { method, rejectUnauthorized: false, agent: false, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function look(name: string): Promise<void> {
  const folder = process.env['AENEAS_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  await expectAccessible(page, name);
}

test.each([
  ['neither password nor TLS', (): string[] => ['--host', '0.0.0.0', '--host-name', 'localhost'], /a password, a certificate for TLS\./],
  ['no TLS', (): string[] => ['--host', '::', '--host-name', 'localhost', '--login-password-file', passwordFile], /missing: a certificate for TLS\./],
  ['no password', (): string[] => ['--host', '192.0.2.7', ...tls], /missing: a password\./],
  ['no name', (): string[] => ['--host', '0.0.0.0', '--login-password-file', passwordFile, ...tls], /the name by which it is called/],
])('with %s it does not start', async (_what, words, missing) => {
  const { exitCode, stderr } = await command(['serve', '--port', '0', '--workspace', join(scratch, 'refused'), ...words()]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/^SERVE_UNSAFE: /) });
  expect(stderr).toMatch(missing);
});

test('a short password is refused, and so is an address that is not of this machine', async () => {
  const words = ['serve', '--port', '0', '--workspace', join(scratch, 'refused'), '--host', '192.0.2.7', ...tls];
  expect(await command(words, { AENEAS_LOGIN_PASSWORD: 'short' })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^LOGIN_PASSWORD_UNFIT: /) });
  expect(await command(words, { AENEAS_LOGIN_PASSWORD: 'long enough for this' })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SERVE_ADDRESS_UNUSABLE: /) });
});

test('the password was made for its owner alone', () => {
  expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
  expect(password).toMatch(/^[\w-]{24}$/);
});

test('nothing is told to who is not logged in, nor to other names and pages', async () => {
  for (const path of ['/api/server', '/api/tasks', '/api/openapi.json', '/api/events', '/api/vault', '/api/settings/security/files/trust.p12', '/api/none']) {
    expect({ path, ...await asked('GET', path) }).toMatchObject({ path, status: 401, text: expect.stringContaining('LOGIN_NEEDED') });
  }
  expect(await asked('POST', '/api/tasks', {}, { projectFile: '/none' })).toMatchObject({ status: 401 });
  expect(await asked('GET', '/api/server', { authorization: `Bearer ${'x'.repeat(43)}` })).toMatchObject({ status: 401 });
  for (const [name, value] of [['host', 'evil.test'], ['origin', 'https://evil.test'], ['origin', server.url.replace('https', 'http')], ['sec-fetch-site', 'cross-site']] as const) {
    expect(await asked('POST', '/api/login', { [name]: value }, { password })).toMatchObject({ status: 403, text: expect.stringContaining('REQUEST_REFUSED') });
  }
  expect(await asked('GET', '/api/login', { host: `aeneas.test:${new URL(server.url).port}` })).toMatchObject({ status: 200, text: '{"isNeeded":true,"isLoggedIn":false}' });
  const plain = await fetch(server.url.replace('https', 'http')).then(() => 'answered', () => 'not answered');
  expect(plain).toBe('not answered');
});

test('the page asks for the password; a wrong one is told; the right one leads to where one wanted to go', async () => {
  await page.goto('/settings?tab=vault');
  await page.getByRole('heading', { name: 'Log in to Aeneas' }).waitFor();
  await look('login');
  await page.getByLabel('Password', { exact: true }).fill('this is not it');
  await page.keyboard.press('Enter');
  await expectText(page.getByRole('alert'), /LOGIN_WRONG[\s\S]*What to do/);
  await look('wrong login');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('There is no vault yet').waitFor();
  await look('logged in');
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: '__Host-aeneas-session', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
  expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie, location.href]))).not.toMatch(new RegExp(`${password}|${cookie!.value}`));
});

test('who logs out is out at once, in every tab', async () => {
  const second = await page.context().newPage();
  await second.goto('/projects');
  await second.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
  const [cookie] = await page.context().cookies();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in to Aeneas' }).waitFor();
  await second.getByRole('heading', { name: 'Log in to Aeneas' }).waitFor();
  await second.close();
  expect(await asked('GET', '/api/server', { cookie: `${cookie!.name}=${cookie!.value}` })).toMatchObject({ status: 401 });
});

test('commands log in, work, and log out; the certificate counts', async () => {
  const to = ['--server', server.url];
  expect(await command(['login', ...to, '--password-file', passwordFile])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SERVER_UNREACHABLE: .*(?:SELF_SIGNED|UNABLE_TO)/) });
  const trust = ['--trust', join(stores, 'trust.p12'), '--trust-password-file', storePassword];
  const wrong = join(scratch, 'wrong');
  writeFileSync(wrong, 'this is not it\n', { mode: 0o600 });
  expect(await command(['login', ...to, ...trust, '--password-file', wrong])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^LOGIN_WRONG: /) });
  expect(await command(['login', ...to, ...trust, '--password-file', passwordFile])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Logged in') });
  const saved = join(scratch, 'config/aeneas/logins.json');
  expect(statSync(saved).mode & 0o777).toBe(0o600);
  expect(readFileSync(saved, 'utf8')).not.toContain(password);
  expect(await command(['vault', 'status', ...to])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^absent/) });
  // The certificate does not name the address.
  expect(await command(['login', '--server', server.url.replace('localhost', '127.0.0.1'), ...trust, '--password-file', passwordFile])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('ALTNAME') });
  expect(await command(['logout', ...to])).toMatchObject({ exitCode: 0 });
  expect(await command(['vault', 'status', ...to])).not.toMatchObject({ exitCode: 0 });
}, 60_000);

test('after a few wrong passwords no more are looked at, not even the right one', async () => {
  const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => asked('POST', '/api/login', {}, { password: `guess ${i}` })));
  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401, 429]));
  expect(guesses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(9);
  expect(await asked('POST', '/api/login', {}, { password })).toMatchObject({ status: 429, text: expect.stringContaining('LOGIN_LIMITED') });
  const log = readFileSync(join(scratch, 'server/log/server.log'), 'utf8');
  expect(log).toMatch(/"event":"login-wrong","address":"[^"]+"/);
  expect(log).not.toMatch(new RegExp(`${password}|guess`));
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
