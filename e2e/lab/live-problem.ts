// What the tests with live nodes are made of, brought before them: two Debians, the releases of Cassandra, cqlsh, nfpm.

import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { CodedError } from '@aeneas/cassandra';
import { provideNfpm } from '../../tools/packaging/nfpm.ts';
import { bootProblem } from '../package/booted-root.ts';
import { provideDebian } from '../package/debian-root.ts';
import { provideImage } from './cassandra-node.ts';
import { CASSANDRA_VERSIONS } from './cassandra-release.ts';
import { provideCqlsh } from './cqlsh.ts';

/** Why this machine cannot have live nodes and a booted system that reads them; undefined when it can. Some minutes the first time. */
export async function liveProblem(): Promise<string | undefined> {
  for (const program of ['debootstrap', 'mvn', 'python3']) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `it needs ${program}`;
  }
  try {
    [process.env['AENEAS_DEBIAN']] = await Promise.all([provideDebian(), provideNfpm(), provideCqlsh()]);
    for (const version of CASSANDRA_VERSIONS) await provideImage(version);
  } catch (error) {
    if (error instanceof CodedError) return error.line();
    throw error;
  }
  process.env['AENEAS_PACKAGES'] = tmpdir();
  const problem = await bootProblem();
  return problem === undefined ? undefined : `systemd cannot be started here: ${problem}`;
}
