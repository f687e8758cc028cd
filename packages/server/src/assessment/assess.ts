// What a project's tables would become in DynamoDB, before any data moves: sizes, what will not fit and why, cost, time, and how queries are answered.

import { defaultWorkers, WorkerPool } from '@aeneas/agent';
import type { SurveyResult, TableAssessment } from '@aeneas/agent';
import { parseSelects, qualifiedName } from '@aeneas/cassandra';
import type { SelectStatement, TableMetadata } from '@aeneas/cassandra';
import { accessPathOf, costOf, planTables } from '@aeneas/dynamodb';
import type { AccessPath, LoadCost, TablePlan } from '@aeneas/dynamodb';
import { mappingOf } from '../migration.ts';
import type { Project } from '../project.ts';
import { runAll } from '../run-all.ts';
import { surveyJob } from '../source.ts';
import { actionItems } from './action-items.ts';
import type { ActionItem } from './action-items.ts';
import { loadTimes } from './load-time.ts';
import type { LoadTime } from './load-time.ts';

/** Half of the 95 % interval at which sampling a table ends. */
const PRECISION = 0.03;
/** Uncompressed, of one table. */
const DEFAULT_SAMPLE_BYTES = 1024 ** 3;

export interface AssessOptions {
  /** The moment at which TTLs are judged; default: the clock. */
  readonly nowSeconds?: number | undefined;
  readonly seed?: number | undefined;
  /** Most uncompressed bytes that are read of one table. */
  readonly sampleBytes?: number | undefined;
  /** CQL of queries that are to be answered. */
  readonly queries?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((told: { readonly table: string; readonly fraction: number; readonly tablesDone: number; readonly tables: number }) => void) | undefined;
}

export interface AssessedTable extends TableAssessment {
  readonly table: string;
  readonly target: string;
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
export async function assess(project: Project, options: AssessOptions = {}): Promise<Assessment> {
  const { nowSeconds = Math.floor(Date.now() / 1000), seed = 1, signal, queries } = options;
  const mapping = mappingOf(project);
  const selects = queries === undefined ? [] : parseSelects(queries);
  const workers = project.workers ?? defaultWorkers();
  const pool = new WorkerPool(workers);
  const stop = (): void => void pool.stop();
  signal?.addEventListener('abort', stop);
  try {
    const { tables } = await pool.run<SurveyResult>(await surveyJob(project), () => {});
    const plans = planTables(tables.map(({ table }) => table), mapping);
    const assessed: AssessedTable[] = [];
    let tablesDone = 0;
    await runAll(tables, workers, async ({ table, inputs }, i) => {
      const dataFiles = inputs.filter(({ path }) => path.endsWith('-Data.db')).map(({ path }) => path);
      const job = { kind: 'assess' as const, source: { table, dataFiles, nowSeconds, mapping }, seed, precision: PRECISION, maxBytes: options.sampleBytes ?? DEFAULT_SAMPLE_BYTES };
      const result = await pool.run<TableAssessment>(job, (event) => {
        if (event.type === 'progress') options.onProgress?.({ table: qualifiedName(table), fraction: event.fraction, tablesDone, tables: tables.length });
      });
      tablesDone++;
      assessed[i] = { ...result, table: qualifiedName(table), target: plans[i].targetName, cost: costOf([result.volume]), queries: queriesOf(selects, plans[i], plans) };
    });
    return {
      project: project.name, nowSeconds, seed, tables: assessed,
      actionItems: [...assessed.flatMap((one, i) => actionItems(one, plans[i])), ...unknownTables(selects, plans)],
      cost: costOf(assessed.map(({ volume }) => volume)), times: loadTimes(project, assessed, workers),
    };
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.stop();
  }
}

function queriesOf(selects: readonly SelectStatement[], plan: TablePlan, plans: readonly TablePlan[]): AccessPath[] {
  return selects.filter((select) => planOf(select, plans) === plan).map((select) => accessPathOf(plan, select));
}

/** Without a keyspace a name means the only table of that name. What is asked of a view is asked of its table. */
function planOf({ keyspace, table }: SelectStatement, plans: readonly TablePlan[]): TablePlan | undefined {
  const found = plans.filter((plan) => (plan.table.name === table || plan.table.views?.some(({ name }) => name === table) === true) && (keyspace === undefined || plan.table.keyspace === keyspace));
  return found.length === 1 ? found[0] : undefined;
}

function unknownTables(selects: readonly SelectStatement[], plans: readonly TablePlan[]): ActionItem[] {
  const isAmbiguous = (select: SelectStatement): boolean => plans.some(({ table }: { readonly table: TableMetadata }) => table.name === select.table);
  return selects.filter((select) => planOf(select, plans) === undefined).map((select) => ({
    severity: 'medium', table: select.table, what: `A query could not be judged: ${select.text}`,
    remedy: isAmbiguous(select) ? 'Several tables have this name: write keyspace.table.' : 'The project has no such table: check the name and the project\'s "tables".',
  }));
}
