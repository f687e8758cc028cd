// What a project's tables would become in DynamoDB, before any data moves: sizes, what will not fit and why, cost, time, and how queries are answered.

import { defaultWorkers, WorkerPool } from '@aeneas/agent';
import type { SurveyResult, TableAssessment } from '@aeneas/agent';
import { parseSelects, qualifiedName } from '@aeneas/cassandra';
import type { SelectStatement } from '@aeneas/cassandra';
import { accessPathOf, costOf, planTables } from '@aeneas/dynamodb';
import type { AccessPath, LoadCost, TablePlan } from '@aeneas/dynamodb';
import { mappingOf } from '../migration.ts';
import type { AssessableProject } from '../project.ts';
import { runAll } from '../run-all.ts';
import { surveyJob } from '../source.ts';
import { actionItems } from './action-items.ts';
import type { ActionItem } from './action-items.ts';
import { partitionHeat, trafficLimit } from './heat.ts';
import type { PartitionHeat, TrafficLimit } from './heat.ts';
import { loadTimes } from './load-time.ts';
import type { LoadTime } from './load-time.ts';

/** Half of the 95 % interval at which sampling a table ends. */
const PRECISION = 0.03;
/** Uncompressed, of one table. */
const DEFAULT_SAMPLE_BYTES = 1024 ** 3;
/** Keys and rows are shown to be recognised. A key may have 64 KB and a row any size, and there may be thousands of tables. */
const MAX_SHOWN_CHARACTERS = 300;

export interface AssessOptions {
  /** The moment at which TTLs are judged; default: the clock. */
  readonly nowSeconds?: number | undefined;
  readonly seed?: number | undefined;
  /** Most uncompressed bytes that are read of one table. */
  readonly sampleBytes?: number | undefined;
  /** CQL of queries that are to be answered. */
  readonly queries?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Threads, where the project does not say; default: one for each core. */
  readonly workers?: number | undefined;
  readonly onProgress?: ((told: AssessProgress) => void) | undefined;
}

export interface AssessProgress {
  /** One of those at work. */
  readonly table: string;
  /** Of all tables, 0 to 1. */
  readonly fraction: number;
  readonly tablesDone: number;
  readonly tables: number;
}

export interface AssessedTable extends Omit<TableAssessment, 'largestPartitions'> {
  readonly table: string;
  readonly target: string;
  /** The attribute that DynamoDB expires items by, where the mapping has one. */
  readonly ttlAttribute: string | undefined;
  readonly largestPartitions: readonly PartitionHeat[];
  readonly trafficLimit: TrafficLimit | undefined;
  readonly cost: LoadCost;
  readonly queries: readonly AccessPath[];
}

export interface Assessment {
  readonly project: string;
  readonly nowSeconds: number;
  readonly seed: number;
  readonly tables: readonly AssessedTable[];
  readonly actionItems: readonly ActionItem[];
  readonly cost: LoadCost;
  readonly times: readonly LoadTime[];
}

/** Reads and samples all tables of a project, on threads of this process. Writes nothing. Throws coded errors of the source, the mapping, the queries; JOB_STOPPED. */
export async function assess(project: AssessableProject, options: AssessOptions = {}): Promise<Assessment> {
  const { nowSeconds = Math.floor(Date.now() / 1000), seed = 1, signal, queries } = options;
  const mapping = mappingOf(project);
  const selects = queries === undefined ? [] : parseSelects(queries);
  const workers = project.workers ?? options.workers ?? defaultWorkers();
  const pool = new WorkerPool(workers);
  const stop = (): void => void pool.stop();
  signal?.addEventListener('abort', stop);
  try {
    const { tables } = await pool.run<SurveyResult>(await surveyJob(project), () => {}, { signal });
    const plans = planTables(tables.map(({ table }) => table), mapping);
    const { ofPlan, unknown } = assigned(selects, plans);
    const assessed: AssessedTable[] = [];
    const fractions = tables.map(() => 0);
    let tablesDone = 0;
    const tell = (i: number): void => options.onProgress?.({ table: qualifiedName(tables[i].table), fraction: fractions.reduce((sum, one) => sum + one, 0) / tables.length, tablesDone, tables: tables.length });
    await runAll(tables, workers, async ({ table, inputs }, i) => {
      const dataFiles = inputs.filter(({ path }) => path.endsWith('-Data.db')).map(({ path }) => path);
      const job = { kind: 'assess' as const, source: { table, dataFiles, nowSeconds, mapping }, seed, precision: PRECISION, maxBytes: options.sampleBytes ?? DEFAULT_SAMPLE_BYTES };
      tell(i);
      const result = await pool.run<TableAssessment>(job, (event) => {
        if (event.type !== 'progress' || event.fraction <= fractions[i]) return;
        fractions[i] = event.fraction;
        tell(i);
      });
      tablesDone++;
      fractions[i] = 1;
      tell(i);
      assessed[i] = assessedTable(result, plans[i], ofPlan.get(plans[i]) ?? []);
    });
    return {
      project: project.name, nowSeconds, seed, tables: assessed,
      actionItems: [...assessed.flatMap((one, i) => actionItems(one, plans[i])), ...unknownTables(unknown, plans)],
      cost: costOf(assessed.map(({ volume }) => volume)), times: loadTimes(project, assessed, workers),
    };
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.stop();
  }
}

function assessedTable(result: TableAssessment, plan: TablePlan, selects: readonly SelectStatement[]): AssessedTable {
  const { uncompressedBytes, volume } = result;
  const largestPartitions = result.largestPartitions.map((one) => partitionHeat({ ...one, partitionKey: shown(one.partitionKey) }, uncompressedBytes, volume, plan.sortKey === undefined));
  return {
    ...result, table: qualifiedName(plan.table), target: plan.targetName, ttlAttribute: plan.ttlAttribute, largestPartitions, trafficLimit: trafficLimit(largestPartitions),
    largestItems: result.largestItems.map((one) => ({ ...one, partitionKey: shown(one.partitionKey) })),
    rejected: result.rejected.map((one) => ({ ...one, example: shown(one.example) })),
    cost: costOf([volume]), queries: selects.map((select) => accessPathOf(plan, select)),
  };
}

/** Which table a query asks. Without a keyspace a name means the only table of that name. What is asked of a view is asked of its table. */
function assigned(selects: readonly SelectStatement[], plans: readonly TablePlan[]): { ofPlan: Map<TablePlan, SelectStatement[]>; unknown: SelectStatement[] } {
  const named = new Map<string, TablePlan[]>();
  for (const plan of plans) for (const { name } of [plan.table, ...plan.table.views ?? []]) named.set(name, [...(named.get(name) ?? []), plan]);
  const ofPlan = new Map<TablePlan, SelectStatement[]>();
  const unknown: SelectStatement[] = [];
  for (const select of selects) {
    const found = (named.get(select.table) ?? []).filter(({ table }) => select.keyspace === undefined || table.keyspace === select.keyspace);
    if (found.length !== 1) unknown.push(select);
    else ofPlan.set(found[0], [...(ofPlan.get(found[0]) ?? []), select]);
  }
  return { ofPlan, unknown };
}

function unknownTables(unknown: readonly SelectStatement[], plans: readonly TablePlan[]): ActionItem[] {
  const names = new Set(plans.flatMap(({ table }) => [table.name, ...(table.views ?? []).map(({ name }) => name)]));
  return unknown.map(({ keyspace, table, text }) => ({
    severity: 'medium', table, what: `A query could not be judged: ${shown(text)}`,
    remedy: keyspace === undefined && names.has(table) ? 'Several tables have this name: write keyspace.table.' : 'The project has no such table: check the name and the project\'s "tables".',
  }));
}

function shown(text: string): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  return `${text.slice(0, MAX_SHOWN_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')} ... (${text.length.toLocaleString('en-US')} characters)`;
}
