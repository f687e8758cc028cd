// `aeneas mapping`: the mapping rules of a project of a server that runs, and previews of tables with them.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { MappingActionItem, MappingChange, MappingRules, MappingSamples, PlannedTable, WireRule } from '@aeneas/protocol';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS, UNUSABLE } from '../exit.ts';
import { askServer } from '../server-client.ts';
import { show } from './projects.ts';
import type { ServerFlags } from './projects.ts';

/** A project file is opened where it is, as by `aeneas project open`. */
async function nameOf(project: string, { server }: ServerFlags): Promise<string> {
  return /\.ya?ml$/i.test(project) ? (await askServer(server, (api) => api.projects.open({ path: resolve(project) }))).name : project;
}

export async function listRules(project: string, flags: ServerFlags): Promise<number> {
  const name = await nameOf(project, flags);
  const mapping = await askServer(flags.server, (api) => api.mapping.get({ name }));
  show(flags, mapping, rulesText(mapping));
  return mapping.problem === undefined && mapping.rules.every(({ problem }) => problem === undefined) ? DONE : UNUSABLE;
}

export interface RuleFlags extends ServerFlags {
  readonly source?: string;
  readonly datacenter?: string;
  readonly target?: string;
  readonly name?: string;
  readonly file?: string;
}

/** A rule of a pattern and a pair; all else it may say is in a YAML file. */
export async function addRule(project: string, pattern: string, flags: RuleFlags): Promise<number> {
  return change(project, { kind: 'add', rule: await ruleOf(pattern, flags) }, flags);
}

export function removeRule(project: string, number: number, flags: ServerFlags): Promise<number> {
  return change(project, { kind: 'remove', index: number - 1 }, flags);
}

export function moveRule(project: string, number: number, to: number, flags: ServerFlags): Promise<number> {
  return change(project, { kind: 'move', index: number - 1, to: to - 1 }, flags);
}

async function change(project: string, what: MappingChange, flags: ServerFlags): Promise<number> {
  const name = await nameOf(project, flags);
  const mapping = await askServer(flags.server, async (api) => api.mapping.change({ name, version: (await api.mapping.get({ name })).version, change: what }));
  show(flags, mapping, rulesText(mapping));
  return DONE;
}

async function ruleOf(pattern: string, { source, datacenter, target, name, file }: RuleFlags): Promise<WireRule> {
  const rest = file === undefined ? {} : parse(await readFile(file, 'utf8').catch((error: Error) => {
    throw cliError('USAGE', `the rule cannot be read: ${error.message}`);
  })) as object | null;
  if (typeof rest !== 'object') throw cliError('USAGE', 'the file of a rule is a map of keys, as docs/MAPPING.md shows them');
  return {
    ...rest, table: pattern,
    ...(source === undefined ? {} : { source }), ...(datacenter === undefined ? {} : { datacenter }), ...(target === undefined ? {} : { target }), ...(name === undefined ? {} : { name }),
  };
}

export interface PreviewFlags extends RuleFlags {
  readonly table?: string;
}

/** The first table that the rule of the flags matches, or the one that is named, as the saved rules and that one make it. Exit code 1: something is to be solved. */
export async function previewRule(project: string, pattern: string | undefined, flags: PreviewFlags): Promise<number> {
  const table = flags.table ?? pattern;
  if (table === undefined) throw cliError('USAGE', 'give a table: --table keyspace.table');
  const rule = await ruleOf(pattern ?? table, flags);
  const name = await nameOf(project, flags);
  const { preview, samples } = await askServer(flags.server, async (api) => {
    const source = rule.source ?? onlySource((await api.projects.get({ name })).sources.map(({ connection }) => connection.name));
    const { names } = await api.mapping.matches({ name, source, table });
    const [first] = names;
    if (first === undefined) throw cliError('USAGE', `${source} has no table ${table}`);
    const question = { name, rule: { ...rule, source }, table: first };
    return { preview: await api.mapping.preview(question), samples: await api.mapping.samples(question) };
  });
  const items = [...preview.actionItems, ...samples.actionItems];
  show(flags, { ...preview, samples }, [
    `${preview.table}\n`, ...(preview.planned === undefined ? [] : plannedLines(preview.planned)), ...itemLines(items), ...sampleLines(samples),
  ].join(''));
  return items.some(({ severity }) => severity === 'high') ? FINISHED_WITH_FINDINGS : DONE;
}

function onlySource(names: readonly string[]): string {
  const [name] = names;
  if (name === undefined || names.length > 1) throw cliError('USAGE', `give --source: the project has ${names.length === 0 ? 'none' : names.join(', ')}`);
  return name;
}

function rulesText({ rules, problem }: MappingRules): string {
  const lines = rules.map(({ rule: { table, source, datacenter, target, ...rest }, tables, problem: wrong }, i) => [
    `${String(i + 1).padStart(3)}  ${table.padEnd(24)} ${source ?? '(source)'}${datacenter === undefined ? '' : ` (${datacenter})`} -> ${target ?? '(target)'}  ${tables === undefined ? 'source not connected' : `${tables} tables`}`,
    ...(Object.keys(rest).length === 0 ? [] : [`       ${JSON.stringify(rest)}`]), ...(wrong === undefined ? [] : [`       ${wrong.code}: ${wrong.message}. ${wrong.remedy}`]), '',
  ].join('\n'));
  return `${lines.length === 0 ? 'No mapping rules: every table becomes one of its own name.\n' : lines.join('')}${problem === undefined ? '' : `${problem.code}: ${problem.message}. ${problem.remedy}\n`}`;
}

function plannedLines({ name, keys, attributes, ttl, capacity, profile, indexes }: PlannedTable): string[] {
  return [
    `  table          ${name} (${profile}, ${capacity})\n`,
    ...keys.map(({ attribute, type, role, isNative, columns }) => `  ${(role === 'HASH' ? 'partition key' : 'sort key').padEnd(14)} ${attribute} ${type}${isNative ? '' : `, encoded from ${columns.join(', ') || 'static columns'}`}\n`),
    ...(ttl === undefined ? [] : [`  TTL            ${ttl}\n`]),
    ...indexes.map((index) => `  index          ${index.name}: ${index.partitionKey}${index.sortKey === undefined ? '' : `, ${index.sortKey}`} (${index.projection})\n`),
    ...attributes.map(({ column, cqlType, attribute, type, form }) => `  ${column.padEnd(20)} ${cqlType.padEnd(20)} ${attribute === undefined ? 'excluded' : `${attribute} ${type ?? ''}, ${form}`}\n`),
  ];
}

function itemLines(items: readonly MappingActionItem[]): string[] {
  return items.map(({ severity, table, what, remedy }) => `${severity}: ${table}: ${what}\n  ${remedy}\n`);
}

function sampleLines({ samples, none }: MappingSamples): string[] {
  if (none !== undefined) return [`${none.code}: ${none.message}. ${none.remedy}\n`];
  return samples.map(({ row, item, rejected }) => `${JSON.stringify(JSON.parse(row))}\n  ${item ?? `rejected: ${rejected?.reason} ${rejected?.detail}`}\n`);
}
