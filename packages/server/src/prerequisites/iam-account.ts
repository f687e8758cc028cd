// The policies and the role in an account: what is there, and creation of what is missing. What exists is compared, never changed.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsAccess, IamPlan, IamResource, IamScope } from '@aeneas/protocol';
import {
  AttachRolePolicyCommand, CreatePolicyCommand, CreateRoleCommand, GetPolicyCommand, GetPolicyVersionCommand, GetRoleCommand, paginateListAttachedRolePolicies,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { serverError } from '../errors.ts';
import { isAwsError, withIam } from './aws.ts';
import type { Caller } from './aws.ts';
import { iamSet, projectArns } from './iam-documents.ts';
import type { IamSet, PolicyDocument } from './iam-documents.ts';

const TAGS = [{ Key: 'app', Value: 'aeneas' }];
/** IAM is eventually consistent: what was just made may not be found for some seconds. */
const CONSISTENCY_PAUSES_MILLIS = [200, 1_000, 3_000, 6_000];

interface Look {
  readonly set: IamSet;
  readonly scope: IamScope;
  readonly caller: Caller;
}

/** What is there, and what creation would add. Throws IAM_ACCOUNT, AWS_CREDENTIALS, AWS_DENIED, AWS_UNREACHABLE, IAM_REFUSED. */
export function previewIam(scope: IamScope, access: AwsAccess): Promise<IamPlan> {
  return withIam(access, async (iam, caller) => planOf(iam, lookOf(scope, caller)));
}

/** Creates what that preview showed as missing. Throws IAM_PREVIEW_STALE and what previewIam throws. */
export function createIam(scope: IamScope, access: AwsAccess, digest: string): Promise<IamPlan> {
  return withIam(access, async (iam, caller) => {
    const look = lookOf(scope, caller);
    const plan = await planOf(iam, look);
    if (plan.digest !== digest) throw serverError('IAM_PREVIEW_STALE', 'Creation would do something else than the preview showed');
    const resources: IamResource[] = [];
    for (const resource of plan.resources) resources.push(resource.state === 'missing' ? await created(iam, look, resource, resources) : resource);
    return { ...plan, resources };
  });
}

function lookOf(scope: IamScope, caller: Caller): Look {
  if (scope.account !== undefined && scope.account !== caller.account) {
    throw serverError('IAM_ACCOUNT', `The credentials are of account ${caller.account} (${caller.arn}), the documents for ${scope.account}`);
  }
  const own = { ...scope, account: caller.account };
  return { scope: own, set: iamSet(own), caller };
}

async function planOf(iam: IAMClient, { set, scope, caller }: Look): Promise<IamPlan> {
  const arns = projectArns(scope);
  const policies = await Promise.all(set.policies.map(async ({ name, document }): Promise<IamResource> => {
    const arn = arns.policy(name);
    const existing = await policyDocument(iam, arn);
    return { kind: 'policy', name, arn, ...compared(existing, document) };
  }));
  const { role, attached } = await existingRole(iam, set.role.name);
  const roleResource: IamResource = { kind: 'role', name: set.role.name, arn: arns.role, ...withMore(compared(role, set.role.trust), attached.filter((arn) => !set.role.attached.map(arns.policy).includes(arn))) };
  const attachments = set.role.attached.map((name): IamResource => ({ kind: 'attachment', name: `${name} to ${set.role.name}`, arn: arns.policy(name), state: attached.includes(arns.policy(name)) ? 'equal' : 'missing' }));
  const resources = [...policies, roleResource, ...attachments];
  return { account: caller.account, caller: caller.arn, resources, digest: createHash('sha256').update(JSON.stringify([set, resources])).digest('hex') };
}

function withMore(state: Pick<IamResource, 'state' | 'detail'>, others: readonly string[]): Pick<IamResource, 'state' | 'detail'> {
  if (others.length === 0) return state;
  const detail = [...(state.detail === undefined ? [] : [state.detail]), `other policies are attached to it too: ${others.join(', ')}`].join('; ');
  return { state: 'different', detail };
}

/** The default version of a policy; undefined where there is none. */
async function policyDocument(iam: IAMClient, arn: string): Promise<PolicyDocument | undefined> {
  return foundOrNot(async () => {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy!.DefaultVersionId! }));
    return parsed(PolicyVersion!.Document!);
  });
}

async function existingRole(iam: IAMClient, name: string): Promise<{ readonly role: PolicyDocument | undefined; readonly attached: string[] }> {
  const role = await foundOrNot(async () => parsed((await iam.send(new GetRoleCommand({ RoleName: name }))).Role!.AssumeRolePolicyDocument!));
  const attached: string[] = [];
  if (role !== undefined) for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client: iam }, { RoleName: name })) attached.push(...AttachedPolicies.map(({ PolicyArn }) => PolicyArn!));
  return { role, attached };
}

async function foundOrNot<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity')) return undefined;
    throw error;
  }
}

/** IAM gives documents percent-encoded (RFC 3986). */
function parsed(document: string): PolicyDocument {
  return JSON.parse(decodeURIComponent(document)) as PolicyDocument;
}

function compared(existing: PolicyDocument | undefined, wanted: PolicyDocument): Pick<IamResource, 'state' | 'detail'> {
  if (existing === undefined) return { state: 'missing' };
  const [has, shall] = [existing, wanted].map(statementsOf) as [Map<string, string>, Map<string, string>];
  const more = [...has].filter(([statement]) => !shall.has(statement)).map(([, name]) => name);
  const less = [...shall].filter(([statement]) => !has.has(statement)).map(([, name]) => name);
  if (more.length === 0 && less.length === 0) return { state: 'equal' };
  const say = (what: string, names: readonly string[]): string[] => (names.length === 0 ? [] : [`${what} ${names.join(', ')}`]);
  return { state: 'different', detail: [...say('it lacks, or has otherwise,', less), ...say('it has besides', more)].join('; ') };
}

/** Statements in one way of writing, with a name for people: order and single values written as lists mean nothing to IAM. */
export function statementsOf({ Statement }: PolicyDocument): Map<string, string> {
  const list = Array.isArray(Statement) ? Statement : [Statement];
  return new Map(list.map((statement, i) => [JSON.stringify(canonical(statement)), statement.Sid === undefined || statement.Sid === '' ? `statement ${i + 1}` : statement.Sid]));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? canonical(value[0]) : value.map(canonical).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key, inner]) => key !== 'Sid' || inner !== '').sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonical(inner)]));
}

/** One resource; an attachment between things of which one is not what it should be is left out. */
async function created(iam: IAMClient, { set }: Look, resource: IamResource, done: readonly IamResource[]): Promise<IamResource> {
  const { kind, name, arn } = resource;
  if (kind === 'policy') {
    const { purpose, document } = set.policies.find((policy) => policy.name === name)!;
    await iam.send(new CreatePolicyCommand({ PolicyName: name, Description: purpose, PolicyDocument: JSON.stringify(document), Tags: TAGS }));
  } else if (kind === 'role') {
    await iam.send(new CreateRoleCommand({ RoleName: name, Description: 'AWS DMS reads the bucket and writes the tables', AssumeRolePolicyDocument: JSON.stringify(set.role.trust), Tags: TAGS }));
  } else {
    const between = done.filter((one) => one.kind === 'role' || one.arn === arn);
    const different = between.find(({ state }) => state === 'different');
    if (different !== undefined) return { ...resource, state: 'left out', detail: `${different.name} is not what was shown here` };
    await patiently(() => iam.send(new AttachRolePolicyCommand({ RoleName: set.role.name, PolicyArn: arn })));
  }
  return { kind, name, arn, state: 'created' };
}

async function patiently(attach: () => Promise<unknown>): Promise<void> {
  for (const pause of CONSISTENCY_PAUSES_MILLIS) {
    try {
      await attach();
      return;
    } catch (error) {
      if (!isAwsError(error, 'NoSuchEntity')) throw error;
      await sleep(pause);
    }
  }
  await attach();
}
