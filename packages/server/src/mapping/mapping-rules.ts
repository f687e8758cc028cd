// Mapping rules of projects as users see them: listed, changed, counted and previewed. Previews take the rule as it is typed, and plan and
// encode with the very code of the migration; rows are read on threads of their own.

import { isChosen, WorkerPool } from '@aeneas/agent';
import type { SampleResult } from '@aeneas/agent';
import { CodedError, columnTypeText, cqlView } from '@aeneas/cassandra';
import type { LoadedTable } from '@aeneas/cassandra';
import { checkMapping, planTable } from '@aeneas/dynamodb';
import type { Mapping } from '@aeneas/dynamodb';
import type { AgentRefusal, ListedRule, MappingActionItem, MappingChange, MappingMatches, MappingPreview, MappingRules as Listed, MappingSamples, WireRule } from '@aeneas/protocol';
import { REMEDIES } from '../assessment/action-items.ts';
import { refusalOf } from '../control/refusal.ts';
import { serverError } from '../errors.ts';
import type { ProjectDraft } from '../project.ts';
import type { StoredMapping } from '../projects/project-store.ts';
import type { Projects } from '../projects/projects.ts';
import { errorItem, nameConflicts, planConflicts, planItems, sampleItems } from './conflicts.ts';
import { pairOf, withoutPairs } from './pair.ts';
import { plannedTable } from './planned-table.ts';
import { changedRules, changeDocument, rulesIn } from './rule-list.ts';
import { matchesOf, sourceTables, tablesOfRule } from './source-tables.ts';
import type { SourceTables } from './source-tables.ts';

/** One that is shown and one that was superseded and ends. */
const THREADS = 2;
const SHOWN_ROWS = 5;
/** So many are looked at, to find what does not fit. */
const READ_ROWS = 1_000;
const SAMPLE_MILLIS = 10_000;
/** Schemas of other tables are looked at for so long, and so many. */
const CHECK_MILLIS = 1_000;
const CHECKED_TABLES = 200;

/** A rule that is not saved, and the table to show. */
export interface RuleDraft {
  readonly name: string;
  readonly rule: WireRule;
  readonly index?: number | undefined;
  readonly table: string;
}

export class MappingRules {
  readonly #projects: Projects;
  #pool: WorkerPool | undefined;

  constructor(projects: Projects) {
    this.#projects = projects;
  }

  async get(name: string): Promise<Listed> {
    const stored = await this.#projects.store.readMapping(name);
    const { path, version, draft, text, within } = stored;
    const rules = rulesIn(text, within).filter((rule): rule is WireRule => typeof (rule as WireRule | null)?.table === 'string');
    const listed: ListedRule[] = [];
    for (const rule of rules) listed.push(await this.#listed(name, draft, rule));
    const problem = problemOf(stored, rules);
    return { project: name, path, version, rules: listed, ...(problem === undefined ? {} : { problem }) };
  }

  /** Throws PROJECT_STALE, MAPPING_INVALID, MAPPING_RULE_UNKNOWN, MAPPING_SOURCE_NEEDED, CONNECTION_UNKNOWN, and what writing throws. */
  async change(name: string, version: string, change: MappingChange): Promise<Listed> {
    await this.#projects.store.changeMapping(name, version, (document, { draft, path, text, within }) => {
      const rules = changedRules(rulesIn(text, within), change);
      if ('rule' in change) {
        checkMapping({ rules: [change.rule] }, path);
        checkNames(draft, change.rule);
      }
      // A file that was wrong before can be mended rule by rule, and no change makes one wrong.
      if (change.kind === 'add' || change.kind === 'move') checkMapping({ rules }, path);
      changeDocument(document, within, change);
    });
    return this.get(name);
  }

  async matches(name: string, rule: { readonly source: string; readonly datacenter?: string | undefined; readonly table: string }): Promise<MappingMatches> {
    const { draft } = await this.#projects.store.readMapping(name);
    return matchesOf(await this.#tables(name, draft, rule.source), rule, draft.tables);
  }

  /** Throws what the source throws; what is wrong with the rule is in the action items. */
  async preview({ name, rule, index, table: full }: RuleDraft): Promise<MappingPreview> {
    const stored = await this.#projects.store.readMapping(name);
    const { draft } = stored;
    const source = sourceNameOf(draft, rule);
    const tables = await this.#tables(name, draft, source);
    const { table } = await this.#load(name, source, full);
    const shown = cqlView(table);
    const columns = [...shown.partitionKey, ...shown.clustering, ...shown.staticColumns, ...shown.regularColumns].map((column) => ({ name: column.name, kind: column.kind, cqlType: columnTypeText(column.type) }));
    let mapping: Mapping;
    try {
      mapping = mappingWith(stored, rule, index);
    } catch (error) {
      return { table: full, columns, actionItems: [errorItem(full, error)], checked: { tables: 0, of: 0 } };
    }
    const about = tablesOfRule(tables, rule);
    const others = await this.#loadSome(name, source, about.filter((one) => one !== full && isChosen(one, draft.tables)));
    let planned: MappingPreview['planned'];
    const items: MappingActionItem[] = [...pairItems(stored, mapping, full)];
    try {
      const plan = planTable(table, mapping);
      planned = plannedTable(plan);
      items.push(...planItems(plan));
    } catch (error) {
      items.push(errorItem(full, error));
    }
    items.push(...nameConflicts(tables.names, mapping, draft.tables, new Set(about)), ...planConflicts(others.loaded.map((one) => one.table), mapping), ...leftOutItems(about, draft, full));
    return { table: full, columns, ...(planned === undefined ? {} : { planned }), actionItems: inOrder(items), checked: { tables: others.loaded.length + 1, of: others.of + 1 } };
  }

  /** Real rows beside their items. Ends with `signal`, and after some seconds. Never throws for the rule's or the rows' sake: then there are none, and it says why. */
  async samples({ name, rule, index, table: full }: RuleDraft, signal: AbortSignal | undefined): Promise<MappingSamples> {
    const stored = await this.#projects.store.readMapping(name);
    const source = sourceNameOf(stored.draft, rule);
    await this.#tables(name, stored.draft, source);
    const isLive = stored.draft.connections.sources.some((one) => one.name === source && one.kind === 'cassandra');
    const late = AbortSignal.timeout(SAMPLE_MILLIS);
    try {
      if (isLive) throw serverError('MAPPING_SAMPLE_NONE', `${source} is a live cluster`);
      const mapping = withoutPairs(mappingWith(stored, rule, index));
      const { table, dataFiles } = await this.#load(name, source, full);
      const job = { kind: 'sample' as const, source: { table, dataFiles, nowSeconds: Math.floor(Date.now() / 1000), mapping }, shown: SHOWN_ROWS, maxRows: READ_ROWS };
      this.#pool ??= new WorkerPool(THREADS);
      return shownSamples(full, await this.#pool.run<SampleResult>(job, () => {}, { signal: AbortSignal.any([late, ...(signal === undefined ? [] : [signal])]) }));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const none = late.aborted && error.code === 'JOB_STOPPED' ? serverError('MAPPING_SAMPLE_LATE', `${full} was read for ${SAMPLE_MILLIS / 1000} s`) : error;
      return { samples: [], read: 0, isWhole: false, none: refusalOf(none), actionItems: [] };
    }
  }

  async close(): Promise<void> {
    await this.#pool?.stop();
  }

  async #listed(name: string, draft: ProjectDraft, rule: WireRule): Promise<ListedRule> {
    try {
      checkMapping({ rules: [rule] }, 'mapping');
      checkNames(draft, rule);
      return { rule, tables: tablesOfRule(await this.#tables(name, draft, sourceNameOf(draft, rule)), rule).length };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      // That a source is not connected yet is no fault of a rule.
      return /^CONNECTION_(?:CLOSED|SECRET_NEEDED)$|^MAPPING_SOURCE_NEEDED$/.test(error.code) ? { rule } : { rule, problem: refusalOf(error) };
    }
  }

  /** What was read of the source when it was connected. Files are connected at once; a cluster is when the user says so. */
  async #tables(name: string, draft: ProjectDraft, source: string): Promise<SourceTables> {
    const place = { name, side: 'sources' as const, connection: source };
    const found = draft.connections.sources.find((one) => one.name === source);
    if (found === undefined) throw serverError('CONNECTION_UNKNOWN', `There is no connection ${source}`);
    const { nodes } = found.kind === 'sstables' && !this.#projects.isConnected(place) ? await this.#projects.connect(place, {}) : this.#projects.tree(place);
    return sourceTables(nodes);
  }

  #load(name: string, connection: string, full: string): Promise<LoadedTable> {
    const dot = full.indexOf('.');
    return this.#projects.loadTable({ name, connection }, full.slice(0, dot), full.slice(dot + 1));
  }

  /** As many as there is time for. One that cannot be read now is left to the preview of that table. */
  async #loadSome(name: string, source: string, names: readonly string[]): Promise<{ readonly loaded: readonly LoadedTable[]; readonly of: number }> {
    const endMillis = performance.now() + CHECK_MILLIS;
    const loaded: LoadedTable[] = [];
    for (const full of names.slice(0, CHECKED_TABLES)) {
      if (performance.now() > endMillis) break;
      const table = await this.#load(name, source, full).catch(() => undefined);
      if (table !== undefined) loaded.push(table);
    }
    return { loaded, of: names.length };
  }
}

/** The saved rules with the one that is typed in its place. Throws MAPPING_INVALID. */
function mappingWith({ text, within, path }: StoredMapping, rule: WireRule, index: number | undefined): Mapping {
  const rules = rulesIn(text, within);
  return checkMapping({ rules: index !== undefined && index < rules.length ? rules.with(index, rule) : [...rules, rule] }, path);
}

/** Throws MAPPING_SOURCE_NEEDED. */
function sourceNameOf({ connections: { sources } }: ProjectDraft, { source }: WireRule): string {
  const name = source ?? (sources.length === 1 ? sources[0]!.name : undefined);
  if (name === undefined) throw serverError('MAPPING_SOURCE_NEEDED', `The project has ${sources.length} sources`);
  return name;
}

/** Throws CONNECTION_UNKNOWN. */
function checkNames({ connections: { sources, targets } }: ProjectDraft, { source, target }: WireRule): void {
  if (source !== undefined && !sources.some(({ name }) => name === source)) throw serverError('CONNECTION_UNKNOWN', `There is no source ${source}`);
  if (target !== undefined && !targets.some(({ name }) => name === target)) throw serverError('CONNECTION_UNKNOWN', `There is no target ${target}`);
}

function problemOf({ draft, path, project }: StoredMapping, rules: readonly WireRule[]): AgentRefusal | undefined {
  try {
    pairOf(checkMapping({ rules }, path), draft, project.path);
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

function pairItems({ draft, project }: StoredMapping, mapping: Mapping, table: string): MappingActionItem[] {
  try {
    pairOf(mapping, draft, project.path);
    return [];
  } catch (error) {
    return [errorItem(table, error)];
  }
}

function leftOutItems(about: readonly string[], { tables }: ProjectDraft, table: string): MappingActionItem[] {
  const leftOut = about.filter((name) => !isChosen(name, tables));
  if (leftOut.length === 0) return [];
  return [{ severity: 'medium', table: leftOut.includes(table) ? table : leftOut[0]!, what: `The rule matches ${leftOut.length === 1 ? 'a table' : `${leftOut.length} tables`} that the project does not migrate: its "tables" leave ${leftOut.slice(0, 3).join(', ')} out`, remedy: 'Change "tables" in the project file, or the pattern of the rule.' }];
}

const SEVERITIES = ['high', 'medium', 'low'] as const;

/** Each once, the worst first. */
function inOrder(items: readonly MappingActionItem[]): MappingActionItem[] {
  const once = new Map(items.map((item) => [`${item.table} ${item.what}`, item]));
  return [...once.values()].toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function shownSamples(table: string, result: SampleResult): MappingSamples {
  return {
    samples: result.samples.map(({ row, item, sizeBytes, rejected }) => ({
      row: columnsOf(row), ...(item === undefined ? {} : { item, sizeBytes: sizeBytes! }), ...(rejected === undefined ? {} : { rejected: { ...rejected, remedy: REMEDIES[rejected.reason] } }),
    })),
    read: result.read, isWhole: result.isWhole, actionItems: inOrder(sampleItems(table, result)),
  };
}

/** The values of a neutral row, one column a line. Numbers stay as they are written: they may have more digits than a JavaScript number. */
function columnsOf(row: string): string {
  const exact = JSON as unknown as { rawJSON(text: string): unknown; parse(text: string, reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown): { readonly v: object; readonly unreadable?: string } };
  const { v, unreadable } = exact.parse(row, (_key, value, { source }) => (typeof value === 'number' ? exact.rawJSON(source) : value));
  return JSON.stringify(unreadable === undefined ? v : { unreadable }, null, 2);
}
