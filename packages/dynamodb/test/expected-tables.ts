// What the servers answered, from a version's fixtures (fixtures/README.md).

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface ExpectedRows {
  readonly keyspace: string;
  readonly name: string;
  /** In the order of the server. */
  readonly rows: readonly { readonly v: Readonly<Record<string, unknown>> }[];
}

export function readExpectedTables(directory: string): ExpectedRows[] {
  const folder = join(directory, 'expected');
  return readdirSync(folder).map((file) => {
    const bytes = readFileSync(join(folder, file));
    const content = JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as { keyspace: string; table: string; rows: ExpectedRows['rows'] };
    return { keyspace: content.keyspace, name: content.table, rows: content.rows };
  });
}
