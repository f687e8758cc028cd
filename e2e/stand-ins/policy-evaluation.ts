// How IAM decides, for documents without NotAction, NotResource and policy variables: those are refused rather than misjudged.
// IAM User Guide, "Policy evaluation logic" and "IAM JSON policy element reference".

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: ReadonlyMap<string, readonly string[]>;
}

export interface Decision {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly missing: readonly string[];
}

/** A Deny that matches wins; otherwise an Allow; otherwise it is denied implicitly. */
export function decide(statements: readonly Statement[], request: Request): Decision {
  const missing = new Set<string>();
  const matching = statements.filter((statement) => matches(statement, request, missing));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return { decision: 'explicitDeny', missing: [] };
  return { decision: matching.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicitDeny', missing: [...missing] };
}

function matches({ Action, Resource = [], Condition = {} }: Statement, { action, resource, context }: Request, missing: Set<string>): boolean {
  // Actions are compared without case, resources with it.
  if (!list(Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (!list(Resource).some((pattern) => like(pattern, resource))) return false;
  return Object.entries(Condition).every(([operator, keys]) => Object.entries(keys).every(([key, wanted]) => {
    const values = context.get(key.toLowerCase());
    if (values === undefined) {
      missing.add(key);
      return false;
    }
    return values.some((value) => list(wanted).some((one) => holds(operator, one, value)));
  }));
}

function holds(operator: string, wanted: string, value: string): boolean {
  if (operator === 'StringEquals') return wanted === value;
  if (operator === 'StringLike' || operator === 'ArnLike') return like(wanted, value);
  throw new Error(`The operator ${operator} is not known here`);
}

/** * stands for any characters, ? for one. */
function like(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^]*').replaceAll('?', '.')}$`).test(text);
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** What is wrong with a document, as IAM would refuse it; undefined when nothing is. */
export function malformed(text: string, kind: 'policy' | 'trust'): string | undefined {
  let document: { readonly Version?: string; readonly Statement?: Statement | readonly Statement[] };
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    return 'Syntax errors in policy.';
  }
  if (document.Version !== '2012-10-17') return 'The policy failed legacy parsing';
  const statements = statementsOf(document);
  if (statements.length === 0) return 'Syntax errors in policy.';
  for (const statement of statements) {
    const known = ['Sid', 'Effect', 'Action', 'Condition', ...(kind === 'policy' ? ['Resource'] : ['Principal'])];
    const odd = Object.keys(statement).find((key) => !known.includes(key));
    if (odd !== undefined) return `Syntax error: ${odd}`;
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') return 'Syntax errors in policy.';
    if (statement.Sid !== undefined && !/^[A-Za-z0-9]*$/.test(statement.Sid)) return 'Statement IDs (SID) must be alpha-numeric.';
    if (kind === 'policy' && statement.Resource === undefined) return 'Policy statement must contain resources.';
    if (kind === 'trust' && statement.Principal === undefined) return 'Missing required field Principal';
    const action = list(statement.Action ?? []).find((one) => one !== '*' && !/^[a-z0-9-]+:[\w*?]+$/.test(one));
    if (action !== undefined || list(statement.Action ?? []).length === 0) return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
    const resource = list(statement.Resource ?? []).find((one) => one !== '*' && !/^arn:[a-z-]*:[a-z0-9-]*:[a-z0-9*-]*:(?:\d{12}|\*)?:.+$/.test(one));
    if (resource !== undefined) return `Resource ${resource} must be in ARN format or "*".`;
  }
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== '');
  return new Set(sids).size === sids.length ? undefined : 'Statement IDs (SID) in a single policy must be unique.';
}

export function statementsOf({ Statement = [] }: { readonly Statement?: Statement | readonly Statement[] }): readonly Statement[] {
  return Array.isArray(Statement) ? Statement as readonly Statement[] : [Statement as Statement];
}
