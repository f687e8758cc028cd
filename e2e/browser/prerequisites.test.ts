// The page "Prerequisites" in a real browser, before a real server, IAM and an SSH server on this machine.

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Serving } from '../serving.ts';
import { startStandIn } from '../stand-ins.ts';
import type { StandIn } from '../stand-ins.ts';
import { launchChromium } from './chromium.ts';
import { expectAccessible, expectText, openPage } from './looking.ts';

const SECRET = 'planted-secret-of-this-test';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-prerequisites-page-')));
let iam: StandIn;
let server: Serving;
let browser: Browser;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  [iam, server, browser] = await Promise.all([startStandIn('iam'), Serving.start(join(scratch, 'server')), launchChromium()]);
  ({ page, complaints } = await openPage(browser, server.url, { viewport: { width: 1400, height: 1000 }, permissions: ['clipboard-read', 'clipboard-write'] }));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await iam?.stop();
  rmSync(scratch, { recursive: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const box = (name: string) => page.getByRole('textbox', { name, exact: true });
const code = (name: string) => page.getByRole('textbox', { name });

/** What a click downloads. */
async function downloaded(click: () => Promise<void>): Promise<{ readonly name: string; readonly content: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), content: readFileSync(await download.path(), 'utf8') };
}

test('the page is reached by the keyboard, and begins with permissions', async () => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Prerequisites' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Prerequisites', exact: true }).waitFor();
  await page.getByText('Type region, tables and bucket').waitFor();
  await expectAccessible(page, 'permissions, nothing typed');
});

test('a project file fills the form; a wrong one says what to do and keeps what was typed', async () => {
  const project = join(scratch, 'shop.yaml');
  writeFileSync(project, JSON.stringify({ source: { directories: ['.'] }, tables: ['shop.*'], target: { region: 'eu-central-1' }, staging: { s3: { bucket: 'mig-data', prefix: 'shop' } } }));
  await box('Project file (optional)').fill('/nowhere.yaml');
  await button('Take over').click();
  await expectText(page.getByRole('alert'), /PROJECT_UNREADABLE[\s\S]*What to do/);
  await box('Project file (optional)').fill(project);
  await button('Take over').click();
  await expect.poll(() => box('S3 bucket').inputValue()).toBe('mig-data');
  expect(await box('DynamoDB tables').inputValue()).toBe('shop.*');
  await expect.poll(() => code('Policies and role as JSON').inputValue()).toContain('arn:aws:dynamodb:eu-central-1:ACCOUNT_ID:table/shop.*');
});

test('documents are chosen, copied and downloaded; form and format are in the address', async () => {
  await button('Terraform').click();
  await expect.poll(() => new URL(page.url()).search).toBe('?format=terraform');
  const { name, content } = await downloaded(() => page.getByRole('button', { name: 'Download permissions.tf' }).click());
  expect(name).toBe('permissions.tf');
  expect(content).toContain('resource "aws_iam_role" "dms"');
  await page.getByRole('button', { name: 'Copy Policies and role as Terraform' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(content);
  await page.getByText('As in the AWS guide').click();
  await expect.poll(() => new URL(page.url()).search).toBe('?format=terraform&form=seed');
  await expect.poll(() => code('Policies and role as Terraform').inputValue()).toContain('"dynamodb:*"');
  await page.reload();
  await expect.poll(() => code('Policies and role as Terraform').inputValue()).toContain('"dynamodb:*"');
  expect(await box('S3 bucket').inputValue()).toBe('mig-data');
  await page.getByText('Least privilege (recommended)').click();
  await page.getByRole('button', { name: /^What least privilege changes/ }).click();
  await expectText(page.getByRole('table', { name: 'What least privilege changes' }), /SidTables: dynamodb:\*[\s\S]*delete, export, back up/);
  await expectAccessible(page, 'documents');
});

test('an input that is not one says which, and the last documents stay', async () => {
  await box('Account (optional)').fill('12');
  await expectText(page.getByRole('alert'), /account: is not an account: 12 digits/);
  await expectAccessible(page, 'a wrong account');
  await box('Account (optional)').fill('');
  await page.getByRole('alert').waitFor({ state: 'hidden' });
});

test('nothing is created before the preview was seen and confirmed', async () => {
  await button('Preview').click();
  await expectText(page.getByRole('alert'), /(?:AWS_|IAM_)[\s\S]*What to do/, 30_000);
  await box('Endpoint (optional)').fill(iam.endpoint);
  expect(await button('Create what is missing').getAttribute('aria-disabled')).toBe('true');
  await button('Preview').click();
  const table = page.getByRole('table', { name: 'Policies, role and attachments in the account' });
  await expectText(table, /aeneas-dynamodb\s+policy\s+missing/);
  await expectAccessible(page, 'a preview');
  await button('Create what is missing').focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expectText(dialog, /Create 6 resources in account 111122223333\?[\s\S]*role aeneas-dms-role[\s\S]*What exists stays as it is/);
  await expectAccessible(page, 'the question before creation');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(await table.innerText()).toContain('missing');
  await button('Create what is missing').click();
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await expectText(table, /aeneas-dms-role\s+role\s+created/);
  await button('Preview').click();
  await expectText(table, /aeneas-dms-role\s+role\s+equal/);
  expect(await table.innerText()).not.toContain('missing');
});

test('the policy simulator answers action by action', async () => {
  await button('Check').click();
  const table = page.getByRole('table', { name: 'What the policy simulator says' });
  await expectText(table, /dynamodb:PutItem\s+allowed\s+allowed[\s\S]*iam:CreateRole\s+implicitDeny\s+denied/);
  await page.getByText('0 permissions missing, 0 more than needed.').waitFor();
  await expectAccessible(page, 'a simulation');
});

test('the source OS user: variants, repairs, a script, a key that is downloaded and nowhere else', async () => {
  await page.getByRole('tab', { name: 'Source OS user' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?tab=os-user');
  await page.getByText('ubuntu', { exact: true }).click();
  await page.getByText('From the binary tarball').click();
  await expect.poll(() => code('Commands: Let the user read what Cassandra writes').inputValue()).toContain('setfacl -R -m u:sct_extractor:rX');
  await page.getByRole('button', { name: /^What is garbled/ }).click();
  await page.getByText('"sudo usermod -aG" stands there twice').waitFor();
  await box('Passphrase (optional)').first().or(page.getByLabel('Passphrase (optional)').first()).first().fill(SECRET);
  await button('Generate an RSA key').click();
  const { name, content } = await downloaded(() => button('Download the generated key').click());
  expect(name).toBe('sct_extractor.pem');
  const file = join(scratch, 'downloaded.pem');
  writeFileSync(file, content, { mode: 0o600 });
  const publicKey = execFileSync('ssh-keygen', ['-y', '-P', SECRET, '-f', file], { stdio: 'pipe' }).toString().trim().split(' ').slice(0, 2).join(' ');
  expect((await box('Public key (optional)').inputValue()).split(' ').slice(0, 2).join(' ')).toBe(publicKey);
  await expect.poll(() => code('Commands: Create the authorized keys file').inputValue()).toContain(publicKey);
  const script = await downloaded(() => button('Download as a script').click());
  execFileSync('sh', ['-n'], { input: script.content, stdio: 'pipe' });
  expect(script.content).toContain(publicKey);
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }) + document.cookie + location.href);
  expect(kept).not.toContain(SECRET);
  expect(kept).not.toContain('PRIVATE KEY');
  await expectAccessible(page, 'the OS user');
});

test('a check of the OS user shows the host key first, then what it found', async () => {
  const ssh = await SshServer.start();
  try {
    await box('Name of the user').fill(userInfo().username);
    await box('Data directories').fill(join(scratch, 'data'));
    await box('Private IP of the node').fill('127.0.0.1');
    await box('SSH port').fill(String(ssh.port));
    await box('Key path (optional)').fill(ssh.clientKey);
    await button('Check').click();
    const dialog = page.getByRole('dialog');
    await expectText(dialog, new RegExp(`Is this the host key of 127.0.0.1\\?[\\s\\S]*${ssh.fingerprint.replaceAll(/[+/]/g, '\\$&')}`));
    await expectAccessible(page, 'a host key to be confirmed');
    await dialog.getByRole('button', { name: 'It is', exact: true }).click();
    await expectText(page.locator('.findings'), /Host key[\s\S]*as confirmed[\s\S]*Login[\s\S]*gets in with its key[\s\S]*Data in [\s\S]*all of it can be read[\s\S]*cassandra.yaml[\s\S]*cannot be read[\s\S]*What to do/, 40_000);
    await expectAccessible(page, 'findings');
    await box('SSH port').fill('9');
    await button('Check').click();
    await expectText(page.getByRole('alert'), /SSH_UNREACHABLE[\s\S]*What to do/);
  } finally {
    await ssh.stop();
  }
});

test('the source database user: version, keyspaces, and a node that does not answer', async () => {
  await page.getByRole('tab', { name: 'Source database user' }).click();
  await box('Keyspaces').fill('shop, hr');
  await expect.poll(() => code('Commands: Grant what is needed').inputValue()).toBe('GRANT SELECT ON KEYSPACE shop TO min_privs;\nGRANT SELECT ON KEYSPACE hr TO min_privs;');
  expect(await code('Commands: Create min_privs').inputValue()).toContain('CREATE ROLE');
  await page.getByRole('button', { name: /Version/ }).click();
  await page.getByRole('option', { name: 'Cassandra 2.1' }).click();
  await expect.poll(() => code('Commands: Create min_privs').inputValue()).toContain('CREATE USER');
  await expectAccessible(page, 'the database user');
  await box('Server name').fill('127.0.0.1');
  await box('Server port').fill('9');
  await page.getByLabel('Password', { exact: true }).fill(SECRET);
  await button('Check').click();
  await expectText(page.locator('.findings'), /Connection[\s\S]*127\.0\.0\.1 port 9[\s\S]*What to do/, 30_000);
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(SECRET);
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }) + location.href)).not.toContain(SECRET);
  await expectAccessible(page, 'a node that does not answer');
  await page.goBack();
  await expect.poll(() => new URL(page.url()).search).toContain('tab=os-user');
});

test('the browser had nothing to complain about, and no secret is in the server\'s files', () => {
  expect(complaints).toEqual([]);
  expect(() => execFileSync('grep', ['-rlF', SECRET, join(scratch, 'server')], { stdio: 'pipe' })).toThrow(expect.objectContaining({ status: 1 }));
});

/** An SSH server that runs what it is asked to as the user of the tests. The lab has real sshd; this one is there wherever npm is. */
class SshServer {
  readonly port: number;
  readonly clientKey: string;
  readonly fingerprint: string;
  readonly #server: ssh2.Server;

  private constructor(peer: ssh2.Server, clientKey: string, fingerprint: string) {
    this.#server = peer;
    this.port = (peer.address() as AddressInfo).port;
    this.clientKey = clientKey;
    this.fingerprint = fingerprint;
  }

  static async start(): Promise<SshServer> {
    const [host, client] = [ssh2.utils.generateKeyPairSync('ed25519'), ssh2.utils.generateKeyPairSync('ed25519')];
    const clientKey = join(scratch, 'client-key');
    writeFileSync(clientKey, client.private, { mode: 0o600 });
    mkdirSync(join(scratch, 'data/shop'), { recursive: true });
    writeFileSync(join(scratch, 'data/shop/mc-1-big-Data.db'), 'x');
    const allowed = Buffer.from(client.public.split(' ')[1]!, 'base64');
    const peer = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
      connection.on('error', () => {});
      connection.on('authentication', (asked) => (asked.method === 'publickey' && asked.key.data.equals(allowed) ? asked.accept() : asked.reject(['publickey'])));
      connection.on('ready', () => connection.on('session', (accept) => accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.once('close', (status) => {
          channel.exit(status ?? 1);
          channel.end();
        });
      })));
    });
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', () => resolve()));
    const blob = Buffer.from(host.public.split(' ')[1]!, 'base64');
    return new SshServer(peer, clientKey, `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
