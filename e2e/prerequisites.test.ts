// `aeneas iam` against IAM and STS on this machine, by the unmodified SDK; and what `aeneas prerequisites` prints, tried by the programs that will read it.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttachRolePolicyCommand, CreatePolicyCommand, GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aeneas } from './aeneas-process.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-prerequisites-'));
const SCOPE = ['--region', 'eu-central-1', '--table', 'shop.*', '--bucket', 'mig-data', '--prefix', 'shop'];
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDADMIN', AWS_SECRET_ACCESS_KEY: 'a planted secret' };

let iam: StandIn;
let client: IAMClient;
beforeAll(async () => {
  iam = await startStandIn('iam');
  client = new IAMClient({ region: 'us-east-1', endpoint: iam.endpoint, credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'x' } });
});
afterAll(async () => {
  client.destroy();
  await iam.stop();
  rmSync(scratch, { recursive: true });
});

async function iamCommand<T>(words: readonly string[], env: Readonly<Record<string, string>> = CREDENTIALS): Promise<{ readonly exitCode: number | null; readonly answer: T; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await aeneas(['iam', ...words, '--endpoint', iam.endpoint, '--json'], { env: { ...env } });
  return { exitCode, stderr, answer: (stdout === '' ? undefined : JSON.parse(stdout)) as T };
}
interface Plan {
  readonly account: string;
  readonly resources: readonly { readonly kind: string; readonly name: string; readonly state: string; readonly detail?: string }[];
}
interface Simulated { readonly action: string; readonly resource: string; readonly expected: string; readonly decision: string; readonly state: string }
const states = ({ resources }: Plan): string[] => resources.map(({ kind, state }) => `${kind} ${state}`);

test('a preview creates nothing; without a terminal nothing is created unasked', async () => {
  const { answer, exitCode } = await iamCommand<Plan>(['create', ...SCOPE, '--preview']);
  expect({ exitCode, account: answer.account, states: states(answer) }).toEqual({ exitCode: 0, account: '111122223333', states: ['policy missing', 'policy missing', 'policy missing', 'role missing', 'attachment missing', 'attachment missing'] });
  const unasked = await iamCommand(['create', ...SCOPE]);
  expect(unasked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CONFIRMATION_MISSING') });
  await expect(client.send(new GetRoleCommand({ RoleName: 'aeneas-dms-role' }))).rejects.toThrow(/cannot be found/);
});

test('what is missing is created, once; then everything is equal', async () => {
  const first = await iamCommand<Plan>(['create', ...SCOPE, '--yes']);
  expect([first.exitCode, ...states(first.answer)]).toEqual([0, 'policy created', 'policy created', 'policy created', 'role created', 'attachment created', 'attachment created']);
  const again = await iamCommand<Plan>(['create', ...SCOPE, '--yes']);
  expect([again.exitCode, ...states(again.answer)]).toEqual([0, ...['policy', 'policy', 'policy', 'role', 'attachment', 'attachment'].map((kind) => `${kind} equal`)]);
});

test('the simulator finds all that DMS needs, and nothing beyond the project', async () => {
  const { answer, exitCode } = await iamCommand<readonly Simulated[]>(['check', ...SCOPE]);
  expect(exitCode).toBe(0);
  expect(answer.filter(({ expected }) => expected === 'allowed').length).toBeGreaterThan(8);
  expect(answer.filter(({ expected }) => expected === 'denied').length).toBeGreaterThan(5);
  expect(answer.filter(({ state }) => state !== 'ok')).toEqual([]);
});

test('with all three attached the role could also run Aeneas; conditions are honoured', async () => {
  const words = [...SCOPE, '--name', 'whole', '--attach-dms'];
  await iamCommand(['create', ...words, '--yes']);
  const { answer } = await iamCommand<readonly Simulated[]>(['check', ...words, '--principal', 'arn:aws:iam::111122223333:role/whole-dms-role']);
  expect(answer.filter(({ state }) => state !== 'ok')).toEqual([]);
  const { EvaluationResults } = await client.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: 'arn:aws:iam::111122223333:role/whole-dms-role', ActionNames: ['dms:CreateEndpoint'], ResourceArns: ['*'] }));
  expect(EvaluationResults).toEqual([expect.objectContaining({ EvalDecision: 'implicitDeny', MissingContextValues: ['aws:RequestTag/app'] })]);
});

test('what exists otherwise is shown, never overwritten, and nothing is attached to it', async () => {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Mine', Effect: 'Allow', Action: 's3:*', Resource: '*' }] });
  await client.send(new CreatePolicyCommand({ PolicyName: 'other-s3', PolicyDocument: document }));
  const { answer, exitCode } = await iamCommand<Plan>(['create', ...SCOPE, '--name', 'other', '--yes']);
  expect(exitCode).toBe(1);
  expect(states(answer)).toEqual(['policy created', 'policy different', 'policy created', 'role created', 'attachment created', 'attachment left out']);
  expect(answer.resources[1]!.detail).toBe('it lacks, or has otherwise, ProjectObjects, ProjectBucket; it has besides Mine');
  const { answer: checked, exitCode: checkedCode } = await iamCommand<readonly Simulated[]>(['check', ...SCOPE, '--name', 'other']);
  expect(checkedCode).toBe(1);
  expect(checked.filter(({ state }) => state === 'failed').map(({ action }) => action)).toEqual(['s3:GetObject', 's3:ListBucket']);
  await client.send(new AttachRolePolicyCommand({ RoleName: 'other-dms-role', PolicyArn: 'arn:aws:iam::111122223333:policy/other-s3' }));
  const { answer: wide } = await iamCommand<readonly Simulated[]>(['check', ...SCOPE, '--name', 'other']);
  expect(wide.filter(({ state }) => state !== 'ok').map(({ action, state }) => `${action} ${state}`)).toEqual(['s3:GetObject warning', 's3:DeleteObject warning']);
});

test('the guide\'s form is created as it stands, and is found to be more than needed', async () => {
  const words = ['--region', 'eu-central-1', '--form', 'seed', '--name', 'seed', '--bucket', 'mig-data', '--table', 'shop.*'];
  const { answer } = await iamCommand<Plan>(['create', ...words, '--yes']);
  expect(states(answer).filter((state) => state === 'attachment created')).toHaveLength(3);
  const { answer: checked, exitCode } = await iamCommand<readonly Simulated[]>(['check', ...words]);
  expect(exitCode).toBe(0);
  expect(checked.filter(({ expected, state }) => expected === 'denied' && state === 'warning').map(({ action }) => action)).toEqual([
    'dynamodb:DeleteTable', 'dynamodb:PutItem', 's3:GetObject', 's3:DeleteObject', 'dms:DeleteReplicationInstance', 'iam:CreateRole', 'iam:AttachRolePolicy', 'iam:PassRole',
  ]);
});

test.each([
  [{ AWS_ACCESS_KEY_ID: 'UNKNOWN1', AWS_SECRET_ACCESS_KEY: 'a planted secret' }, 'AWS_CREDENTIALS'],
  [{ AWS_ACCESS_KEY_ID: 'DENIED1', AWS_SECRET_ACCESS_KEY: 'a planted secret' }, 'AWS_DENIED'],
])('credentials %j are refused with %s, without their secret', async (env, code) => {
  const { exitCode, stderr } = await iamCommand(['create', ...SCOPE, '--preview'], env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(new RegExp(`^${code}: `)) });
  expect(stderr).not.toContain('planted');
});

test('another account, and an IAM that does not answer, are said so', async () => {
  expect(await iamCommand(['create', ...SCOPE, '--account', '999999999999', '--preview'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^IAM_ACCOUNT: .*111122223333/) });
  const { exitCode, stderr } = await aeneas(['iam', 'check', ...SCOPE, '--endpoint', 'http://127.0.0.1:9'], { env: CREDENTIALS });
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/^AWS_UNREACHABLE: /) });
});

test('a project file gives region, tables, bucket and prefix', async () => {
  const project = join(scratch, 'shop.yaml');
  writeFileSync(project, JSON.stringify({
    source: { directories: ['.'] }, tables: ['shop.*'], mapping: { rules: [{ table: '*.*', name: 'new-{keyspace}-{table}' }] }, target: { region: 'eu-west-1', preparation: 'drop-tables' }, staging: { s3: { bucket: 'from-project', prefix: 'p' } },
  }));
  const { stdout } = await aeneas(['iam', 'print', '--project', project]);
  expect(stdout).toContain('arn:aws:dynamodb:eu-west-1:ACCOUNT_ID:table/new-shop-*');
  expect(stdout).toContain('arn:aws:s3:::from-project/p/*');
  expect(stdout).toContain('dynamodb:DeleteTable');
});

test('a key pair is what ssh-keygen makes of it, readable by its owner alone, and never overwrites', async () => {
  const file = join(scratch, 'sct.pem');
  const passphraseFile = join(scratch, 'passphrase');
  writeFileSync(passphraseFile, 'a passphrase of mine\n', { mode: 0o600 });
  const { exitCode, stdout } = await aeneas(['prerequisites', 'ssh-key', file, '--passphrase-file', passphraseFile]);
  expect(exitCode).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----/);
  const keygen = (...words: string[]): string => execFileSync('ssh-keygen', words, { stdio: 'pipe' }).toString().trim();
  expect(keygen('-y', '-P', 'a passphrase of mine', '-f', file).split(' ').slice(0, 2)).toEqual(readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2));
  expect(() => keygen('-y', '-P', 'another', '-f', file)).toThrow(/passphrase/);
  expect(keygen('-l', '-f', `${file}.pub`)).toMatch(/^4096 /);
  expect(stdout).toContain(keygen('-l', '-f', `${file}.pub`).split(' ')[1]);
  const again = await aeneas(['prerequisites', 'ssh-key', file]);
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SSH_KEY_FILE: /) });
});

test.each(['2.1', '2.2', '3.11', '5.0'])('the sed of the database user switches authentication on in a cassandra.yaml as %s ships it', async (version) => {
  const { stdout } = await aeneas(['prerequisites', 'db-user', '--cassandra', version, '--keyspace', 'shop', '--configuration', scratch]);
  const shipped = version === '5.0' ? 'authenticator:\n  class_name : AllowAllAuthenticator\nauthorizer: AllowAllAuthorizer\n' : 'authenticator: AllowAllAuthenticator\n\nauthorizer: AllowAllAuthorizer\n';
  const file = join(scratch, 'cassandra.yaml');
  writeFileSync(file, `# - AllowAllAuthenticator performs no checks\n${shipped}rpc_port: 9160\n`);
  execFileSync('sh', ['-ec', stdout.split('\n').find((line) => line.includes('sed -i'))!.replace('sudo ', '')]);
  expect(readFileSync(file, 'utf8')).toBe(`# - AllowAllAuthenticator performs no checks\n${shipped.replace('AllowAllAuthenticator', 'PasswordAuthenticator').replace('AllowAllAuthorizer', 'CassandraAuthorizer')}rpc_port: 9160\n`);
  expect(stdout).toContain(version === '2.1' ? 'CREATE USER IF NOT EXISTS min_privs WITH PASSWORD \'PASSWORD\' NOSUPERUSER;' : 'CREATE ROLE IF NOT EXISTS min_privs WITH PASSWORD = \'PASSWORD\' AND LOGIN = true AND SUPERUSER = false;');
  expect(stdout).toContain('GRANT SELECT ON KEYSPACE shop TO min_privs;');
});

test('printed scripts are shell, and what is not meant is refused', async () => {
  for (const words of [[], ['--form', 'seed'], ['--install', 'tarball', '--for', 'clone', '--login', 'ubuntu'], ['--form', 'seed', '--install', 'tarball']]) {
    const { stdout } = await aeneas(['prerequisites', 'os-user', ...words, '--repairs']);
    execFileSync('sh', ['-n'], { input: stdout, stdio: 'pipe' });
    expect(stdout).not.toMatch(/\[ec2-user\|ubuntu\|centos\](?!.*\n#)/m);
  }
  expect(await aeneas(['prerequisites', 'os-user', '--data', '/var;reboot'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^USAGE: dataDirectories/) });
  expect(existsSync(join(scratch, 'reboot'))).toBe(false);
});
