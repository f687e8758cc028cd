// AWS service profiles at work: a project that is associated with one has its credentials and its bucket. Every request to AWS must bear the
// signature of the account's key, which is nowhere but in the vault.

import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { FleetAgent } from './agent-fleet.ts';
import { aeneas } from './aeneas-process.ts';
import { DEMO_NOW, dynamodbClient, s3Client, tableDifferences } from './migrated-tables.ts';
import { Serving, isOver } from './serving.ts';
import { SignedGate } from './signed-gate.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';
import { ACCESS_KEY, SECRET_KEY } from './stand-ins/signature.ts';

const MASTER = 'planted master password';
const BUCKET = 'of-the-profile';
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-profiles-')));
const workspace = join(scratch, 'server');
const file = (name: string, ...lines: string[]): string => {
  writeFileSync(join(scratch, name), `${lines.join('\n')}\n`, { mode: 0o600 });
  return join(scratch, name);
};
let server: Serving;
let agent: FleetAgent;
let standIns: StandIn[];
let dynamodb: SignedGate;
let s3: SignedGate;
let vaultPassword: string;
let projectFile: string;
const command = (...words: string[]) => aeneas([...words, '--server', server.url]);

beforeAll(async () => {
  standIns = await Promise.all([startStandIn('dynamodb'), startStandIn('s3')]);
  [dynamodb, s3] = await Promise.all([SignedGate.before(standIns[0]!.endpoint), SignedGate.before(standIns[1]!.endpoint)]);
  const client = s3Client(standIns[1]!.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  const data = await unpackedDemo();
  [server, agent] = await Promise.all([Serving.start(workspace), FleetAgent.start(scratch, 'one', data)]);
  await agent.registerWith(server);
  vaultPassword = file('master', MASTER);
  projectFile = join(scratch, 'shop.yaml');
  writeFileSync(projectFile, `# mine\nsource: { directories: [${data}] }\ntables: [shop.customers]\ntarget: { region: us-east-1 }\nsplitSizeMB: 0.02\n`);
  await server.api('POST', '/projects/open', { path: projectFile });
}, 60_000);
afterAll(async () => {
  await server.stop();
  await agent.end();
  for (const gate of [dynamodb, s3]) gate.close();
  await Promise.all(standIns.map((one) => one.stop()));
  rmSync(scratch, { recursive: true });
});

test('a profile is associated with a project: the project\'s file says so, the profile\'s list too', async () => {
  expect(await command('vault', 'create', '--password-file', vaultPassword)).toMatchObject({ exitCode: 0 });
  const keys = file('keys', ACCESS_KEY, SECRET_KEY);
  expect(await command('aws-profile', 'add', 'prod', '--region', 'us-east-1', '--bucket', BUCKET, '--keys-file', keys, '--store', '--s3-endpoint', s3.endpoint, '--dynamodb-endpoint', dynamodb.endpoint)).toMatchObject({ exitCode: 0 });
  expect(await command('project', 'aws-profile', 'shop')).toMatchObject({ stdout: 'none\n' });
  expect(await command('project', 'aws-profile', 'shop', 'nobody')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AWS_PROFILE_UNKNOWN: /) });
  expect(await command('project', 'aws-profile', 'shop', 'prod')).toMatchObject({ exitCode: 0, stdout: 'prod\n' });
  expect(await command('project', 'aws-profile', 'shop', '--none')).toMatchObject({ exitCode: 0, stdout: 'none\n' });
  expect(await command('aws-profile', 'add', 'prod', '--region', 'us-east-1', '--bucket', BUCKET, '--keys-file', keys, '--store', '--s3-endpoint', s3.endpoint, '--dynamodb-endpoint', dynamodb.endpoint, '--project', 'shop')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('used by shop') });
  expect(readFileSync(projectFile, 'utf8')).toMatch(/^# mine\n[\s\S]*awsServiceProfile: prod/);
  expect((await command('aws-profile', 'list')).stdout).toMatch(/^prod .*used by shop\n$/);
  expect(await command('aws-profile', 'delete', 'prod')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AWS_PROFILE_IN_USE: .*used by shop/) });
}, 60_000);

test('a target that names it is tested and shown with its keys, and its endpoint', async () => {
  await server.api('POST', '/projects', { name: 'other' });
  expect(await command('target', 'add', 'other', 'ddb', '--region', 'us-east-1', '--aws-service-profile', 'prod')).toMatchObject({ exitCode: 0 });
  expect(await command('target', 'test', 'other', 'ddb')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`access key ${ACCESS_KEY} of the AWS service profile prod`) });
  expect(await server.api('GET', '/projects-aws-profiles')).toMatchObject({ service: [{ name: 'prod', region: 'us-east-1', keys: 'vault' }] });
  expect(await server.api('GET', '/settings/aws-profiles')).toMatchObject({ profiles: [{ projects: ['other', 'shop'] }] });
}, 60_000);

test('a task waits for the vault, then its agent works with the keys, in the bucket of the profile', async () => {
  expect(await command('vault', 'lock')).toMatchObject({ exitCode: 0 });
  const { id } = await server.api<{ readonly id: string }>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW });
  await server.api('POST', `/tasks/${id}/start`);
  await server.reached(id, ({ failure }) => failure?.code === 'AWS_KEYS_MISSING');
  expect([dynamodb.passed, s3.passed]).toEqual([[expect.any(String)], []]);
  expect(await command('vault', 'open', '--password-file', vaultPassword)).toMatchObject({ exitCode: 0 });
  await server.reached(id, ({ state, totals }) => state === 'running' && totals.splits > 0);
  // Locked in the middle of it: it goes on.
  expect(await command('vault', 'lock')).toMatchObject({ exitCode: 0 });
  expect(await server.reached(id, isOver)).toMatchObject({ state: 'done', tables: [{ isEqual: true }] });
  expect(s3.passed.some((line) => line.startsWith(`PUT /${BUCKET}/`))).toBe(true);
  expect([dynamodb.refused, s3.refused]).toEqual([[], []]);
  const client = dynamodbClient(standIns[0]!.endpoint);
  expect(await tableDifferences(client, 'shop.customers', 'shop.customers', join(scratch, '.aeneas/shop'))).toEqual([]);
  client.destroy();
  // Its staged files go with it, and nobody may touch them without the keys.
  expect(await command('task', 'delete', id)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AWS_KEYS_MISSING: /) });
  expect(await command('vault', 'open', '--password-file', vaultPassword)).toMatchObject({ exitCode: 0 });
  expect(await command('task', 'delete', id)).toMatchObject({ exitCode: 0 });
}, 180_000);

test('aeneas migrate without a server takes the profile from its workspace, and the password of the vault', async () => {
  const headless = join(scratch, 'headless.yaml');
  writeFileSync(headless, readFileSync(projectFile, 'utf8').replace('source', 'workspace: headless\nmapping: { rules: [{ table: "*.*", name: "headless-{table}" }] }\nsource'));
  const words = ['migrate', headless, '--now', String(DEMO_NOW), '--server-workspace', workspace];
  expect(await aeneas(words)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SECRET_MISSING: .*AENEAS_VAULT_PASSWORD/) });
  expect(await aeneas([...words, '--vault-password-file', vaultPassword])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('rejected') });
  expect([dynamodb.refused, s3.refused]).toEqual([[], []]);
}, 120_000);

test('a deleted profile is told where it is needed', async () => {
  expect(await command('vault', 'open', '--password-file', vaultPassword)).toMatchObject({ exitCode: 0 });
  expect(await command('aws-profile', 'delete', 'prod', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await command('task', 'create', projectFile)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AWS_PROFILE_UNKNOWN: /) });
  expect(await command('target', 'test', 'other', 'ddb')).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('AWS_PROFILE_UNKNOWN') });
}, 60_000);
