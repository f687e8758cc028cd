// `aeneas iam print|create|check`: what the page "Prerequisites" does, without a server.

import { iamScopeSchema } from '@aeneas/protocol';
import type { AwsAccess, IamPlan, IamScope, Simulated } from '@aeneas/protocol';
import { checkIam, createIam, iamDocuments, previewIam, projectScope } from '@aeneas/server';
import { checkedInput } from '../checked-input.ts';
import { confirm } from '../confirm.ts';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';

interface ScopeFlags {
  readonly form: string;
  readonly project?: string;
  readonly name: string;
  readonly region?: string;
  readonly account?: string;
  readonly table?: readonly string[];
  readonly bucket?: string;
  readonly prefix?: string;
  readonly kmsKey?: string;
  readonly dropTables?: boolean;
  readonly attachDms?: boolean;
}
interface AccessFlags extends ScopeFlags {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly json?: boolean;
}

async function scopeOf({ project, table, ...flags }: ScopeFlags): Promise<IamScope> {
  const fromProject = project === undefined ? {} : await projectScope(project);
  const { form, name, region, account, bucket, prefix, kmsKey, dropTables, attachDms } = flags;
  const given = Object.fromEntries(Object.entries({ form, name, region, account, bucket, prefix, kmsKey, dropTables, attachDms, tables: table }).filter(([, value]) => value !== undefined));
  return checkedInput(iamScopeSchema, { ...fromProject, ...given });
}

function accessOf({ region }: IamScope, { profile, endpoint }: AccessFlags): AwsAccess {
  return { region, ...(profile === undefined ? {} : { profile }), ...(endpoint === undefined ? {} : { endpoint }) };
}

export async function printIam({ format, ...flags }: ScopeFlags & { readonly format: string }): Promise<void> {
  const { json, cloudFormation, terraform, differences } = iamDocuments(await scopeOf(flags));
  const text = { json, cloudformation: cloudFormation, terraform, differences: differences.map(({ policy, seed, least, why }) => `${policy}\n  guide: ${seed}\n  least: ${least}\n  why:   ${why}\n`).join('\n') }[format];
  if (text === undefined) throw cliError('USAGE', `--format ${format}: give json, cloudformation, terraform or differences`);
  process.stdout.write(text);
}

/** 1 when something is there that differs from what is wanted. */
export async function createIamCommand({ preview, yes, json, ...flags }: AccessFlags & { readonly preview?: boolean; readonly yes?: boolean }): Promise<number> {
  const scope = await scopeOf(flags);
  const access = accessOf(scope, flags);
  const planned = await previewIam(scope, access);
  const isMissing = planned.resources.some(({ state }) => state === 'missing');
  if (preview === true || !isMissing) return shown(planned, json);
  if (yes !== true) {
    process.stderr.write(planText(planned));
    if (!await confirm(`Create what is missing in account ${planned.account}?`, 'look with --preview, then give --yes')) return shown(planned, json);
  }
  return shown(await createIam(scope, access, planned.digest), json);
}

function shown(plan: IamPlan, json: boolean | undefined): number {
  process.stdout.write(json === true ? `${JSON.stringify(plan)}\n` : planText(plan));
  return plan.resources.some(({ state }) => state === 'different' || state === 'left out') ? FINISHED_WITH_FINDINGS : DONE;
}

function planText({ account, caller, resources }: IamPlan): string {
  const lines = resources.map(({ kind, name, state, detail }) => `${state.padEnd(10)} ${kind.padEnd(11)} ${name}${detail === undefined ? '' : `  (${detail})`}`);
  return `Account ${account}, as ${caller}\n${lines.join('\n')}\n`;
}

/** 1 when something is not as it should be. */
export async function checkIamCommand({ principal, json, ...flags }: AccessFlags & { readonly principal?: string }): Promise<number> {
  const scope = await scopeOf(flags);
  const results = await checkIam(scope, accessOf(scope, flags), principal);
  process.stdout.write(json === true ? `${JSON.stringify(results)}\n` : results.map((result) => `${line(result)}\n`).join(''));
  return results.some(({ state }) => state === 'failed') ? FINISHED_WITH_FINDINGS : DONE;
}

function line({ state, action, resource, decision, expected, why }: Simulated): string {
  return `${state.padEnd(8)} ${action.padEnd(34)} ${decision.padEnd(13)} ${state === 'ok' ? '' : `should be ${expected}: `}${why}: ${resource}`;
}
