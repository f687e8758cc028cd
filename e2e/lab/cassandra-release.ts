// Releases of Cassandra from Maven Central, unpacked where all tests of this user find them. What came is what was pinned here.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagingError } from '../../tools/packaging/errors.ts';
import { runTool } from '../../tools/packaging/run-tool.ts';
import { cacheFolder } from '../package/debian-root.ts';

/** The versions that the guide names; its "3.0" is 3.0.0. */
export const CASSANDRA_VERSIONS = ['2.1.20', '3.0.0', '3.1.1', '3.11.2'] as const;
export type CassandraVersion = typeof CASSANDRA_VERSIONS[number];

/** SHA-256 of the archive; or, of versions that Maven Central has as libraries alone, of the lines that sha256sum writes of those. */
const PINS: Readonly<Record<CassandraVersion, { readonly archive: string } | { readonly libraries: string }>> = {
  '2.1.20': { archive: 'ca50ffae388a2d6b363b5400217cd8ce1800d7ce40e920b3b77de8f124516746' },
  '3.0.0': { libraries: 'ddad7873b34bae333595eb3546df07c40460b926840cc24a3d4c851b7e3b062f' },
  '3.1.1': { libraries: 'd9a1ae67657b66e4e801990f3b536c5c620fdd530bb32e699dd6437a3c0d63c2' },
  '3.11.2': { archive: 'e922770ad95d5288d42442c3cfa1475938597b38418b7be5c4234a9de388c720' },
};
/** Lends its scripts, its configuration, and the libraries of its nodetool that no other asks for. */
const LENDER = '3.11.2';
const LENT_LIBRARIES = /^(?:airline|javax\.inject)\b/;
/** Options in the lender's cassandra.yaml that 3.0.0 and 3.1.1 refuse to start with. */
const LATER_OPTIONS = [
  'back_pressure_enabled', 'back_pressure_strategy', 'cdc_enabled', 'column_index_cache_size_in_kb', 'credentials_validity_in_ms', 'enable_materialized_views', 'prepared_statements_cache_size_mb',
  'slow_query_log_timeout_in_ms', 'thrift_prepared_statements_cache_size_mb', 'transparent_data_encryption_options', 'unlogged_batch_across_partitions_warn_threshold',
];

/** A folder with usr/share/cassandra, laid out as the release's archive is; made once for each user. Throws PACKAGE_TOOL_MISSING, PACKAGE_BUILD_FAILED. */
export async function provideRelease(version: CassandraVersion): Promise<string> {
  const folder = join(cacheFolder(), `cassandra-${version}`);
  if (existsSync(folder)) return folder;
  const unfinished = mkdtempSync(join(cacheFolder(), 'cassandra-'));
  try {
    const share = join(unfinished, 'usr/share/cassandra');
    mkdirSync(share, { recursive: true });
    const pin = PINS[version];
    await ('archive' in pin ? unpackArchive(version, pin.archive, unfinished, share) : assemble(version, pin.libraries, unfinished, share));
    await runTool('chmod', ['-R', 'go+rX', unfinished]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

async function unpackArchive(version: CassandraVersion, pin: string, scratch: string, share: string): Promise<void> {
  await runTool('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=org.apache.cassandra:apache-cassandra:${version}:tar.gz:bin`, `-DoutputDirectory=${scratch}`], { cwd: scratch });
  const archive = join(scratch, `apache-cassandra-${version}-bin.tar.gz`);
  expectPinned(version, sha256(readFileSync(archive)), pin);
  await runTool('tar', ['-xzf', archive, '-C', share, '--strip-components=1', '--no-same-owner', '--exclude=*/javadoc', '--exclude=*/doc']);
  rmSync(archive);
}

/** The server and its libraries are the version's own, what surrounds them is the lender's. */
async function assemble(version: CassandraVersion, pin: string, scratch: string, share: string): Promise<void> {
  const libraries = join(share, 'lib');
  await runTool('cp', ['-r', `${await provideRelease(LENDER)}/usr/share/cassandra/.`, share]);
  for (const name of readdirSync(libraries)) if (name.endsWith('.jar') && !LENT_LIBRARIES.test(name)) rmSync(join(libraries, name));
  const project = join(scratch, 'pom.xml');
  const fetched = join(scratch, 'fetched');
  writeFileSync(project, `<project><modelVersion>4.0.0</modelVersion><groupId>lab</groupId><artifactId>lab</artifactId><version>1</version><dependencies>
    <dependency><groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>${version}</version></dependency></dependencies></project>`);
  await runTool('mvn', ['-q', '-B', '-f', project, 'dependency:copy-dependencies', `-DoutputDirectory=${fetched}`], { cwd: scratch });
  const names = readdirSync(fetched).toSorted();
  expectPinned(version, sha256(names.map((name) => `${sha256(readFileSync(join(fetched, name)))}  ${name}\n`).join('')), pin);
  for (const name of names) renameSync(join(fetched, name), join(libraries, name));
  for (const path of [project, fetched]) rmSync(path, { recursive: true });
  const yaml = join(share, 'conf/cassandra.yaml');
  writeFileSync(yaml, withoutOptions(readFileSync(yaml, 'utf8'), LATER_OPTIONS));
}

/** An option is its line and the lines below it that are indented. */
function withoutOptions(yaml: string, options: readonly string[]): string {
  return yaml.replaceAll(new RegExp(`^(?:${options.join('|')}):.*\\n(?:[ \\t-].*\\n)*`, 'gm'), '');
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function expectPinned(version: string, found: string, pinned: string): void {
  if (found !== pinned) throw packagingError('PACKAGE_BUILD_FAILED', `What Maven brought of Cassandra ${version} is not what was pinned: SHA-256 ${found} instead of ${pinned}`);
}
