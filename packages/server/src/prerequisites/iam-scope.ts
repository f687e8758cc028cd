// What a project file says of tables, bucket and region, for policies that are no wider than the project.

import { checkMapping, DEFAULT_MAPPING } from '@aeneas/dynamodb';
import type { Mapping } from '@aeneas/dynamodb';
import { readProject } from '../project.ts';

const DEFAULT_TABLE_NAME = '{keyspace}.{table}';

export interface ProjectScope {
  readonly region: string;
  readonly tables: string[];
  readonly bucket?: string;
  readonly prefix: string;
  readonly kmsKey?: string;
  readonly dropTables: boolean;
}

/** Throws PROJECT_UNREADABLE, PROJECT_INVALID, MAPPING_INVALID. */
export async function projectScope(projectFile: string): Promise<ProjectScope> {
  const { mapping, tables, target, staging: { s3 } } = await readProject(projectFile);
  const isArn = s3?.kmsKey?.startsWith('arn:') === true;
  return {
    region: target.region,
    tables: targetPatterns(tables, mapping === undefined ? DEFAULT_MAPPING : checkMapping(mapping.content, mapping.path)),
    ...(s3 === undefined ? {} : { bucket: s3.bucket }),
    prefix: s3?.prefix ?? '',
    ...(isArn ? { kmsKey: s3!.kmsKey! } : {}),
    dropTables: target.preparation === 'drop-tables',
  };
}

/** Patterns with * of the tables that a project may write: all of them, and hardly more. */
export function targetPatterns(sources: readonly string[], { rules }: Mapping): string[] {
  const named = rules.filter(({ name }) => name !== undefined).map(({ table, name }) => ({ table, name: name! }));
  const isRenamed = named.some(({ table }) => table === '*.*');
  const templates = isRenamed ? named : [{ table: '*.*', name: DEFAULT_TABLE_NAME }, ...named];
  const found = sources.filter((source) => !source.startsWith('!')).flatMap((source) => templates.flatMap(({ table, name }) => {
    const [keyspace, rest] = [0, 1].map((part) => narrower(source.split('.')[part] ?? '*', table.split('.')[part] ?? '*'));
    if (keyspace === undefined || rest === undefined) return [];
    const filled = name.replaceAll('{keyspace}', keyspace).replaceAll('{table}', rest);
    // Other characters are escaped in names of DynamoDB (docs/MAPPING.md).
    return [filled.replaceAll(/[^\w.*-]+/g, '*').replaceAll(/\*{2,}/g, '*')];
  }));
  return [...new Set(found)];
}

/** A pattern that covers what both do; undefined when nothing can be in both. */
function narrower(one: string, other: string): string | undefined {
  const isPlain = (text: string): boolean => !/[*?]/.test(text);
  if (isPlain(one) && isPlain(other)) return one === other ? one : undefined;
  return other === '*' || isPlain(one) ? one : other;
}
