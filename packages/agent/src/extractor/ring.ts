// The nodes that were named, compared with the ring; and Cassandra's version, which the installation asked for.

import { readFile, writeFile } from 'node:fs/promises';
import { CodedError } from '@aeneas/cassandra';
import { writeError } from '../errors.ts';
import type { Console } from './console.ts';
import type { Draft } from './draft.ts';
import { extractorError } from './errors.ts';
import { missingNodes, ringOf } from './inspect-node.ts';
import { warn } from './node-steps.ts';
import type { ExtractorPaths } from './paths.ts';
import { answerTo } from './questions.ts';
import type { SshConnection } from './ssh.ts';

/** nodetool starts a Java. */
const NODETOOL_MILLIS = 60_000;
/** Shells that are not for people often lack these. */
const NODETOOL = 'PATH="$PATH:/usr/local/bin:/usr/sbin:/usr/share/cassandra/bin:/opt/cassandra/bin" nodetool';

/** Asks the first node that answers. What cannot be found out is said, and is no reason to stop. */
export async function askRing(draft: Draft, options: { readonly console: Console; readonly paths: ExtractorPaths; readonly cassandraVersion: string | undefined }): Promise<void> {
  const { console } = options;
  const given = draft.nodes.map(({ ip }) => ip!);
  let reason = 'no node is reached by SSH';
  let version: string | undefined;
  for (const { connection, ip } of draft.nodes) {
    if (connection === undefined) continue;
    const status = await nodetool(connection, 'status');
    const ring = ringOf(status);
    if (ring.length === 0) {
      reason = /sftp connections only/i.test(status) ? `the login of ${ip} may do nothing but SFTP` : `nodetool on ${ip} says: ${/malformed ipv6/i.test(status) ? `${firstLine(status)}; newer Java 8 needs -Dcom.sun.jndi.rmiURLParsing=legacy there` : firstLine(status)}`;
      continue;
    }
    version = /ReleaseVersion: *(\d[\w.-]*)/.exec(await nodetool(connection, 'version'))?.[1];
    const missing = missingNodes(ring, given);
    if (missing.length > 0) warn(draft, console, `The ring has nodes that are not configured: ${missing.map(({ address, datacenter }) => `${address} (${datacenter})`).join(', ')}. Rows that only they hold would be missing.`);
    else console.say(`The ring and the configured nodes agree (${given.length} of ${ring.length} nodes, all that their datacenter has).`);
    await settleVersion(version, draft, options);
    return;
  }
  console.say(`The ring could not be compared with the configured nodes (${reason}). Check with "nodetool status" that all nodes of the datacenter are named: rows that only a missing one holds would be missing.`);
  await settleVersion(undefined, draft, options);
}

/** What was chosen at the installation against what the node says. On a terminal the lack of both is asked for. */
async function settleVersion(found: string | undefined, draft: Draft, { paths, console, cassandraVersion }: { readonly paths: ExtractorPaths; readonly console: Console; readonly cassandraVersion: string | undefined }): Promise<void> {
  const before = (await readFile(paths.defaultVersion, 'utf8').catch(() => '')).trim() || undefined;
  const chosen = cassandraVersion ?? before;
  const generation = found?.split('.')[0];
  if (chosen !== undefined && generation !== undefined && chosen.split('.')[0] !== generation) {
    warn(draft, console, `${cassandraVersion === undefined ? 'The installation was told' : '--cassandra-version says'} Cassandra ${chosen}, but the node runs ${found}. The node is believed.`);
  }
  const settled = generation ?? chosen ?? (console.isTerminal ? await answerTo(console, {
    prompt: 'Cassandra version (2, 3, 4 or 5)', fallback: '3',
    parse(answer) {
      if (!/^[2-5]$/.test(answer)) throw extractorError('ANSWER_INVALID', `"${answer}" is none of 2, 3, 4 and 5`);
      return answer;
    },
  }) : undefined);
  if (settled === undefined || settled === before) return;
  await writeFile(paths.defaultVersion, `${settled}\n`).catch((error: unknown) => {
    throw writeError(paths.defaultVersion, error);
  });
}

/** What nodetool prints, errors too. */
async function nodetool(connection: SshConnection, command: string): Promise<string> {
  try {
    const { stdout, stderr } = await connection.run(`${NODETOOL} ${command}`, NODETOOL_MILLIS);
    return `${stdout}\n${stderr}`.trim();
  } catch (error) {
    if (error instanceof CodedError) return error.message;
    throw error;
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0].slice(0, 200);
}
