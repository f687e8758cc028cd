// IAM and STS on this machine, as a program of its own, for the unmodified SDK: the query protocol with XML answers. It holds what it is told in
// memory. Access keys that begin with UNKNOWN or DENIED are treated so. `node e2e/stand-ins/iam.ts PORT` tells its parent {endpoint}.
//
// Rules and their pages: requests and errors: IAM API Reference, "Common Errors"; CreatePolicy, CreateRole, AttachRolePolicy, GetPolicy,
// GetPolicyVersion, GetRole, ListAttachedRolePolicies, SimulatePrincipalPolicy; STS API Reference, GetCallerIdentity; names and sizes: IAM User
// Guide, "IAM and AWS STS quotas".

import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decide, malformed, statementsOf } from './policy-evaluation.ts';
import type { Statement } from './policy-evaluation.ts';

const ACCOUNT = '111122223333';
const CALLER = `arn:aws:iam::${ACCOUNT}:user/administrator`;
/** "Managed policy size": 6,144 characters; white space does not count. */
const MAX_POLICY_CHARACTERS = 6144;
/** "Managed policies attached to an IAM role": 10. */
const MAX_ATTACHED = 10;
/** Small, so that lists come in pages. */
const PAGE = 2;

class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

interface Role {
  readonly trust: string;
  readonly attached: Set<string>;
}
const policies = new Map<string, { readonly name: string; readonly document: string }>();
const roles = new Map<string, Role>();

type Input = URLSearchParams;
const ACTIONS: Readonly<Record<string, (input: Input) => string>> = {
  GetCallerIdentity: () => `${element('Arn', CALLER)}${element('UserId', 'AIDACKCEVSQ6C2EXAMPLE')}${element('Account', ACCOUNT)}`,
  CreatePolicy: (input) => {
    const [name, document] = [named(input, 'PolicyName', 128), needed(input, 'PolicyDocument')];
    checkDocument(document, 'policy');
    const arn = `arn:aws:iam::${ACCOUNT}:policy/${name}`;
    if (policies.has(arn)) throw new Refusal(409, 'EntityAlreadyExists', `A policy called ${name} already exists. Duplicate names are not allowed.`);
    policies.set(arn, { name, document });
    return policyElement(arn);
  },
  GetPolicy: (input) => policyElement(needed(input, 'PolicyArn')),
  GetPolicyVersion: (input) => {
    const arn = needed(input, 'PolicyArn');
    if (needed(input, 'VersionId') !== 'v1') throw missing(`Policy ${arn} version`);
    return `<PolicyVersion>${element('Document', encodeURIComponent(policyAt(arn).document))}${element('VersionId', 'v1')}${element('IsDefaultVersion', 'true')}</PolicyVersion>`;
  },
  CreateRole: (input) => {
    const [name, trust] = [named(input, 'RoleName', 64), needed(input, 'AssumeRolePolicyDocument')];
    checkDocument(trust, 'trust');
    if (roles.has(name)) throw new Refusal(409, 'EntityAlreadyExists', `Role with name ${name} already exists.`);
    roles.set(name, { trust, attached: new Set() });
    return roleElement(name);
  },
  GetRole: (input) => roleElement(needed(input, 'RoleName')),
  AttachRolePolicy: (input) => {
    const [{ attached }, arn] = [roleAt(needed(input, 'RoleName')), needed(input, 'PolicyArn')];
    policyAt(arn);
    if (!attached.has(arn) && attached.size >= MAX_ATTACHED) throw new Refusal(409, 'LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED}`);
    attached.add(arn);
    return '';
  },
  ListAttachedRolePolicies: (input) => {
    const { attached } = roleAt(needed(input, 'RoleName'));
    return paged(input, [...attached], 'AttachedPolicies', (arn) => `${element('PolicyName', policyAt(arn).name)}${element('PolicyArn', arn)}`);
  },
  SimulatePrincipalPolicy: (input) => {
    const name = /:role\/(?:.*\/)?([^/]+)$/.exec(needed(input, 'PolicySourceArn'))?.[1] ?? '';
    const statements = [...roleAt(name).attached].flatMap((arn) => statementsOf(JSON.parse(policyAt(arn).document) as { readonly Statement: Statement }));
    const [actions, resources] = [members(input, 'ActionNames'), members(input, 'ResourceArns')];
    const wild = actions.find((action) => action.includes('*'));
    if (actions.length === 0 || wild !== undefined) throw new Refusal(400, 'InvalidInput', `Invalid action name: ${wild ?? ''}`);
    const context = new Map(contextEntries(input));
    const cases = actions.flatMap((action) => (resources.length === 0 ? ['*'] : resources).map((resource) => ({ action, resource, ...decide(statements, { action, resource, context }) })));
    return paged(input, cases, 'EvaluationResults', (one) => `${element('EvalActionName', one.action)}${element('EvalResourceName', one.resource)}${element('EvalDecision', one.decision)}`
      + `<MissingContextValues>${one.missing.map((key) => element('member', key)).join('')}</MissingContextValues>`);
  },
};

function missing(what: string): Refusal {
  return new Refusal(404, 'NoSuchEntity', `${what} does not exist or is not attachable.`);
}

function policyAt(arn: string) {
  const policy = policies.get(arn);
  if (policy === undefined) throw missing(`Policy ${arn}`);
  return policy;
}

function roleAt(name: string): Role {
  const role = roles.get(name);
  if (role === undefined) throw new Refusal(404, 'NoSuchEntity', `The role with name ${name} cannot be found.`);
  return role;
}

function policyElement(arn: string): string {
  return `<Policy>${element('PolicyName', policyAt(arn).name)}${element('Arn', arn)}${element('Path', '/')}${element('DefaultVersionId', 'v1')}</Policy>`;
}

function roleElement(name: string): string {
  return `<Role>${element('RoleName', name)}${element('Arn', `arn:aws:iam::${ACCOUNT}:role/${name}`)}${element('Path', '/')}${element('RoleId', 'AROADBQP57FF2AEXAMPLE')}`
    + `${element('CreateDate', '2026-01-01T00:00:00Z')}${element('AssumeRolePolicyDocument', encodeURIComponent(roleAt(name).trust))}</Role>`;
}

function checkDocument(document: string, kind: 'policy' | 'trust'): void {
  const problem = malformed(document, kind);
  if (problem !== undefined) throw new Refusal(400, 'MalformedPolicyDocument', problem);
  if (kind === 'policy' && document.replaceAll(/\s/g, '').length > MAX_POLICY_CHARACTERS) throw new Refusal(409, 'LimitExceeded', `Cannot exceed quota for PolicySize: ${MAX_POLICY_CHARACTERS}`);
}

function needed(input: Input, name: string): string {
  const value = input.get(name);
  if (value === null || value === '') throw new Refusal(400, 'ValidationError', `Value at '${name}' failed to satisfy constraint: Member must not be null`);
  return value;
}

function named(input: Input, key: string, length: number): string {
  const name = needed(input, key);
  if (name.length > length || !/^[\w+=,.@-]+$/.test(name)) throw new Refusal(400, 'ValidationError', `The specified value for ${key} is invalid.`);
  return name;
}

function members(input: Input, name: string): string[] {
  const found: string[] = [];
  for (let i = 1; input.has(`${name}.member.${i}`); i++) found.push(input.get(`${name}.member.${i}`)!);
  return found;
}

/** Keys of conditions are compared without case. */
function contextEntries(input: Input): [string, string[]][] {
  const found: [string, string[]][] = [];
  for (let i = 1; input.has(`ContextEntries.member.${i}.ContextKeyName`); i++) {
    const entry = `ContextEntries.member.${i}`;
    found.push([input.get(`${entry}.ContextKeyName`)!.toLowerCase(), members(input, `${entry}.ContextKeyValues`)]);
  }
  return found;
}

function paged<T>(input: Input, all: readonly T[], name: string, content: (one: T) => string): string {
  const from = Number(input.get('Marker') ?? 0);
  const rest = all.length > from + PAGE ? `${element('IsTruncated', 'true')}${element('Marker', String(from + PAGE))}` : element('IsTruncated', 'false');
  return `<${name}>${all.slice(from, from + PAGE).map((one) => `<member>${content(one)}</member>`).join('')}</${name}>${rest}`;
}

function element(name: string, text: string): string {
  return `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`;
}

/** Signatures are not computed; that there is one, and whose, is. */
function checkCaller({ headers: { authorization = '' } }: IncomingMessage, action: string): void {
  const key = /Credential=([^/]+)\//.exec(authorization)?.[1];
  if (key === undefined) throw new Refusal(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  if (key.startsWith('UNKNOWN')) throw new Refusal(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  if (key.startsWith('DENIED') && action !== 'GetCallerIdentity') throw new Refusal(403, 'AccessDenied', `User: ${CALLER} is not authorized to perform: iam:${action}`);
}

async function answer(request: IncomingMessage): Promise<readonly [status: number, body: string]> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece as string;
  const input = new URLSearchParams(body);
  const action = input.get('Action') ?? '';
  const space = action === 'GetCallerIdentity' ? 'https://sts.amazonaws.com/doc/2011-06-15/' : 'https://iam.amazonaws.com/doc/2010-05-08/';
  try {
    const known = ACTIONS[action];
    if (known === undefined) throw new Refusal(400, 'InvalidAction', `Could not find operation ${action}`);
    checkCaller(request, action);
    return [200, `<${action}Response xmlns="${space}"><${action}Result>${known(input)}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [error.status, `<ErrorResponse xmlns="${space}"><Error><Type>Sender</Type>${element('Code', error.code)}${element('Message', error.message)}</Error><RequestId>1</RequestId></ErrorResponse>`];
  }
}

const server = createServer((request, response) => {
  answer(request).then(([status, body]) => response.writeHead(status, { 'content-type': 'text/xml' }).end(body), (error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.send?.({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once('disconnect', () => process.exit(0));
