// Global Settings in a real browser, before a real server and stand-ins of AWS: every tab and dialog, refusals, two tabs that save. One story,
// told in order.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Serving } from '../serving.ts';
import { startStandIn } from '../stand-ins.ts';
import type { StandIn } from '../stand-ins.ts';
import { ACCESS_KEY, SECRET_KEY } from '../stand-ins/signature.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, openPage } from './looking.ts';

const MASTER = 'planted master password';
const NEW_MASTER = 'planted other password';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-settings-page-'));
let server: Serving;
let account: StandIn;
let dynamodb: StandIn;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  [server, account, dynamodb, browser] = await Promise.all([Serving.start(join(scratch, 'server')), startStandIn('aws-account'), startStandIn('dynamodb'), launchChromium()]);
  ({ context, page, complaints } = await openPage(browser, server.url, { viewport: { width: 1400, height: 1000 } }));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await Promise.all([account?.stop(), dynamodb?.stop()]);
  rmSync(scratch, { recursive: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const field = (name: string) => page.getByLabel(name, { exact: true });
const dialog = () => page.getByRole('dialog');

/** For whoever wants to see the pages: AENEAS_SCREENSHOTS names a folder. */
async function look(name: string): Promise<void> {
  const folder = process.env['AENEAS_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  await expectAccessible(page, name);
}

test('the vault is made by a dialog that checks what is typed', async () => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Global Settings' }).click();
  await page.getByText('No profile yet.').waitFor();
  await look('no profiles');
  await page.getByRole('tab', { name: 'Vault' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?tab=vault');
  await page.getByText('There is no vault yet').waitFor();
  await look('no vault');
  await button('Create the vault').click();
  await field('New master password').fill('short');
  await field('The same once more').fill('bucket-other');
  await dialog().getByRole('button', { name: 'Create', exact: true }).click();
  await dialog().getByText('The two are not the same.').waitFor();
  await look('dialog of a new vault');
  await field('The same once more').fill('short');
  await dialog().getByRole('button', { name: 'Create', exact: true }).click();
  await expectText(dialog().getByRole('alert'), /VAULT_PASSWORD_UNFIT[\s\S]*What to do/);
  await field('New master password').fill(MASTER);
  await field('The same once more').fill(MASTER);
  await dialog().getByRole('button', { name: 'Create', exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
  await page.getByText('master password (scrypt').waitFor();
  await look('open vault');
});

test('the master password is changed, the vault locked and opened; a wrong one is told', async () => {
  await button('Change master password').click();
  await field('Present master password').fill(MASTER);
  await field('New master password').fill(NEW_MASTER);
  await field('The same once more').fill(NEW_MASTER);
  await look('dialog of another password');
  await dialog().getByRole('button', { name: 'Change', exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
  await button('Lock').click();
  await field('Master password').fill(MASTER);
  await button('Open').click();
  await expectText(page.getByRole('alert'), /VAULT_PASSWORD_WRONG[\s\S]*What to do/);
  await look('wrong master password');
  await field('Master password').fill(NEW_MASTER);
  await button('Open').click();
  await button('Lock').waitFor();
});

test('a key file is added as a lock, and removed again', async () => {
  await button('Add a lock').click();
  await field('Master password').fill(NEW_MASTER);
  await field('Key file (optional)').fill(join(scratch, 'vault.key'));
  await look('dialog of another lock');
  await dialog().getByText('AWS KMS').click();
  await field('KMS key').waitFor();
  await look('dialog of a KMS lock');
  await dialog().getByText('Key file', { exact: true }).first().click();
  await dialog().getByRole('button', { name: 'Add', exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: /^Remove key file/ }).click();
  await field('Master password').fill(NEW_MASTER);
  await look('dialog of a lock that goes');
  await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
  expect(await page.getByText(/key file \//).count()).toBe(0);
});

test('an AWS service profile is tested before it is saved, and makes its bucket', async () => {
  await page.getByRole('tab', { name: 'AWS service profiles' }).click();
  await page.getByRole('link', { name: 'Add a profile' }).click();
  await button('Save').click();
  await page.getByText('This is needed.').first().waitFor();
  await look('form of a profile with mistakes');
  await field('Name').fill('prod');
  await field('Access key').last().fill(ACCESS_KEY);
  await field('Secret key').fill('planted-wrong');
  await field('Region').fill('eu-central-1');
  await field('S3 bucket (optional)').fill('page-test');
  await page.getByRole('button', { name: 'Endpoints' }).click();
  await field('STS endpoint (optional)').fill(account.endpoint);
  await field('S3 endpoint (optional)').fill(account.endpoint);
  await field('DynamoDB endpoint (optional)').fill(dynamodb.endpoint);
  await button('Test').click();
  await expectText(page.getByRole('list', { name: 'Test' }), /AWS_CREDENTIALS_WRONG[\s\S]*What to do/, 20_000);
  await look('failed test of a profile');
  await field('Secret key').fill(SECRET_KEY);
  await button('Create and check').click();
  await expectText(page.getByRole('list', { name: 'Create and check' }), /was made in eu-central-1[\s\S]*Deleted it again/, 20_000);
  await button('Test').click();
  await expectText(page.getByRole('list', { name: 'Test' }), /Account 111122223333[\s\S]*page-test is there/, 20_000);
  await page.getByText('Store the access key').click();
  await button('Save').click();
  await expectText(page.getByRole('row', { name: /^prod/ }), /Access key, in the vault/);
  await look('profiles');
});

test('what was typed stays over a reload, but for secrets', async () => {
  await page.getByRole('link', { name: 'prod' }).click();
  await field('S3 bucket (optional)').fill('bucket-one');
  await field('Secret key').fill(SECRET_KEY);
  await page.reload();
  expect(await field('S3 bucket (optional)').inputValue()).toBe('bucket-one');
  expect(await field('Secret key').inputValue()).toBe('');
  expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href]))).not.toContain('planted');
});

test('of two tabs that save, the second is told and keeps what was typed', async () => {
  const second = await context.newPage();
  await second.goto('/settings?edit=prod');
  await second.getByLabel('S3 bucket (optional)', { exact: true }).fill('bucket-other');
  await second.getByRole('button', { name: 'Save', exact: true }).click();
  await second.getByRole('row', { name: /^prod.*bucket-other/ }).waitFor();
  await second.close();
  await button('Save').click();
  await expectText(page.getByRole('alert'), /Somebody else saved this meanwhile[\s\S]*SETTINGS_CHANGED/);
  expect(await field('S3 bucket (optional)').inputValue()).toBe('bucket-one');
  await look('saved meanwhile');
  await button('Show what is saved now').click();
  await expect.poll(() => field('S3 bucket (optional)').inputValue()).toBe('bucket-other');
  await page.getByRole('link', { name: 'Cancel', exact: true }).or(button('Cancel')).click();
});

test('stores are generated for agents, listed with where they belong, and downloaded', async () => {
  await page.getByRole('tab', { name: 'Security' }).click();
  await page.getByText('No stores yet').waitFor();
  await look('no stores');
  await page.getByRole('link', { name: 'Generate Trust and Key Store' }).click();
  await field('Agents').fill('lonely');
  await button('Generate').click();
  await page.getByText('lonely needs a host name').waitFor();
  await look('form of stores with mistakes');
  for (const which of ['Trust store', 'Key store', 'Authority']) await field(`${which} password`).fill(`planted-${which.split(' ')[0]!}`);
  await field('Agents').fill('node-1 10.0.0.11 one.example');
  await button('Generate').click();
  const row = page.getByRole('row', { name: /^agent-node-1.p12/ });
  await row.waitFor({ timeout: 60_000 });
  await expectText(page.getByRole('row', { name: /^authority.p12/ }), /Never leaves this machine[\s\S]*Stays here/);
  await page.getByText(/^scp .*trust.p12 .*agent-node-1.p12 10.0.0.11:/).waitFor();
  await look('stores');
  const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('link', { name: /^Download/ }).click()]);
  expect(readFileSync(await download.path()).equals(readFileSync(join(scratch, 'server/stores/agent-node-1.p12')))).toBe(true);
  await page.getByRole('link', { name: 'Add agents or renew' }).click();
  await page.getByText('Made anew under the same authority').waitFor();
  await look('form of more stores');
  await page.goBack();
  await page.getByRole('link', { name: 'Select existing Trust and Key Store' }).click();
  await field('Trust store').fill('/none');
  await field('Trust store password').fill('planted-x');
  await field('Key store').fill('/none');
  await field('Key store password').fill('planted-x');
  await button('OK').click();
  await expectText(page.getByRole('alert'), /STORE_UNREADABLE[\s\S]*What to do/);
  await look('stores that cannot be selected');
});

test('logging is changed at once', async () => {
  await page.getByRole('tab', { name: 'Logging' }).click();
  await page.getByText('Debug', { exact: true }).click();
  await field('Folder (optional)').fill('/proc/none');
  await button('Save').click();
  await expectText(page.getByRole('alert'), /LOG_FOLDER_UNUSABLE/);
  await look('a log folder that is refused');
  await field('Folder (optional)').fill(join(scratch, 'logs'));
  await button('Save').click();
  await page.getByText('Saved; it counts from now on').waitFor();
  await look('logging');
  await expect.poll(() => readFileSync(join(scratch, 'logs/server.log'), 'utf8')).toContain('logging-changed');
});

test('a target copies from the profile, and a project is associated with it', async () => {
  await server.api('POST', '/projects', { name: 'shop' });
  await page.goto('/projects/shop/add-target');
  await field('Connection name').fill('dynamodb');
  await page.getByRole('button', { name: /^Copy from AWS profile/ }).click();
  await expectText(page.getByRole('listbox'), /AWS service profiles \(Global Settings\)[\s\S]*prod/);
  await look('what can be copied from');
  await page.getByRole('option', { name: /^prod/ }).click();
  await expect.poll(() => field('Region').inputValue()).toBe('eu-central-1');
  await button('Test connection').click();
  await expectText(page.getByRole('region', { name: 'Test connection' }), /access key \w+ of the AWS service profile prod[\s\S]*0 tables in eu-central-1/);
  await look('target of a profile');
  await button('Save').click();
  await page.getByRole('button', { name: /^AWS service profile/ }).click();
  await page.getByRole('option', { name: /^prod/ }).click();
  await page.getByRole('button', { name: /^AWS service profile.*prod/ }).waitFor();
  await look('project of a profile');
  expect(readFileSync(join(scratch, 'server/projects/shop/project.yaml'), 'utf8')).toMatch(/awsServiceProfile: prod[\s\S]*awsServiceProfile: prod|name: dynamodb[\s\S]*awsServiceProfile: prod/);
});

test('what goes is asked about first', async () => {
  await page.goto('/settings');
  await page.getByRole('row', { name: /^prod.*shop/ }).waitFor();
  await button('Delete prod').click();
  await expectText(dialog(), /Used by shop[\s\S]*its access key[\s\S]*Stays/);
  await look('question before a profile goes');
  await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('No profile yet.').waitFor();
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
