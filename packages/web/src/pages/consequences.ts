import type { TaskStatus } from '@aeneas/protocol';
import { plural } from '../format.ts';

/** What a deletion takes away for good, and what it leaves. */
export function consequences({ id, projectFile, workspace, staging, keptFiles, startedMillis, tables, totals }: TaskStatus): { readonly goes: readonly string[]; readonly stays: readonly string[] } {
  const entry = `The task ${id} in this server's list, with its log`;
  const stays = [`The project file ${projectFile} and the files of Cassandra, which are never touched`];
  if (startedMillis === undefined) return { goes: [entry, 'Nothing else: it was never started'], stays };
  const made = tables.filter(({ phase }) => phase !== 'prepare').map(({ target }) => target);
  const named = made.length <= 5 ? made.join(', ') : `${made.slice(0, 5).join(', ')} and ${plural(made.length - 5, 'other')}`;
  return {
    goes: [
      entry,
      ...(staging === undefined ? [] : [`The files that it staged under ${staging}`]),
      `Its progress: ${plural(totals.committedSplits, 'finished split')} of ${totals.splits} in ${workspace}. Another task of this project begins from nothing`,
    ],
    stays: [
      ...(made.length === 0 ? [] : [`${plural(made.length, 'table')} in DynamoDB with ${plural(totals.loadedItems, 'loaded item')}: ${named}`]),
      `Rejected rows and the report, if there are any, in ${workspace}`,
      ...(keptFiles === undefined ? [] : [`Files that agents kept after the upload, in the folder ${keptFiles} of the output folder of each`]),
      ...stays,
    ],
  };
}
