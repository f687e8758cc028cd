// One side of a project: its connections as the roots of a tree, search, refresh; the place, the search and what is chosen are in the URL.

import { useMemo, useState } from 'react';
import type { ConnectionSide, ConnectionTree, TreeNode } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import type { Problem } from '../../problem.ts';
import { followed } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Tree } from '../../ui/tree.tsx';
import { ancestorsOf, itemsOf, rowsOf } from '../../ui/tree-rows.ts';
import type { TreeItem } from '../../ui/tree-rows.ts';

export interface SideState {
  readonly name: string;
  readonly isConnected: boolean;
  readonly tree: ConnectionTree | undefined;
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
}

interface SideTreeProps {
  readonly project: string;
  readonly side: ConnectionSide;
  readonly connections: readonly SideState[];
  readonly place: Place;
  readonly addPath: string;
  readonly onConnect: (connection: string) => void;
  readonly describe: (connection: string, node: { readonly kind: TreeNode['kind']; readonly keyspace?: string; readonly item: string }) => Promise<TreeNode[]>;
}

const WORDS = {
  sources: { title: 'Source', add: 'Add source', none: 'No source yet: a Cassandra cluster, or its files.', query: 'source', search: 'find-source', label: 'Tree of the sources' },
  targets: { title: 'Target', add: 'Add target', none: 'No target yet: Amazon DynamoDB.', query: 'target', search: 'find-target', label: 'Tree of the targets' },
} as const;
const FAILED: TreeNode = { depth: 0, kind: 'fact', name: 'This cannot be read now: refresh, and see what is said.' };
const LOADING: TreeNode = { depth: 0, kind: 'fact', name: 'Reading ...' };

export function SideTree({ project, side, connections, place, addPath, onConnect, describe }: SideTreeProps) {
  const words = WORDS[side];
  const key = `aeneas-open-${project}-${side}`;
  const selected = place.query.get(words.query) ?? undefined;
  const search = place.query.get(words.search) ?? '';
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([...JSON.parse(sessionStorage.getItem(key) ?? '[]') as string[], ...(selected === undefined ? [] : ancestorsOf(selected))]));
  const [described, setDescribed] = useState<ReadonlyMap<string, readonly TreeNode[]>>(new Map());
  const items = useMemo(() => connections.flatMap((connection) => itemsOfConnection(connection, described)), [connections, described]);
  const rows = useMemo(() => rowsOf(items, open, search), [items, open, search]);
  const tell = (id: string, nodes: readonly TreeNode[]): void => setDescribed((before) => new Map(before).set(id, nodes));
  const load = async (row: TreeItem): Promise<void> => {
    const [connection, ...way] = row.id.split('/').map(decodeURIComponent);
    tell(row.id, [LOADING]);
    const keyspace = way[0] === 'Keyspaces' ? way[1] : undefined;
    tell(row.id, await describe(connection!, { kind: row.kind, item: row.name, ...(keyspace === undefined ? {} : { keyspace }) }).catch(() => [FAILED]));
  };
  const toggle = (row: TreeItem): void => {
    const next = new Set(open);
    if (!next.delete(row.id)) next.add(row.id);
    setOpen(next);
    sessionStorage.setItem(key, JSON.stringify([...next].slice(-500)));
    if (row.isLazy === true && next.has(row.id) && (described.get(row.id)?.[0] ?? FAILED) === FAILED) void load(row);
  };
  const refresh = (): void => {
    setDescribed(new Map());
    for (const { name, isConnected } of connections) if (isConnected) onConnect(name);
  };
  return (
    <section className="side" aria-label={words.title}>
      <SpaceBetween size="s">
        <Header variant="h2" actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="refresh" ariaLabel={`Refresh ${words.title.toLowerCase()}`} disabled={!connections.some(({ isConnected }) => isConnected)} onClick={refresh} />
            <Button href={addPath} onFollow={(event) => followed(event, addPath)}>{words.add}</Button>
          </SpaceBetween>
        }>{words.title}</Header>
        {connections.map(({ name, isConnected, isBusy, problem, tree }) => (
          <div key={name}>
            {problem === undefined ? null : <ProblemAlert title={`${name} is not connected`} problem={problem} />}
            {isConnected && tree !== undefined && !isBusy ? <Box color="text-body-secondary">{name}: {tree.said}</Box>
              : <Button loading={isBusy} loadingText={`Connecting ${name}`} onClick={() => onConnect(name)}>{`Connect ${name}`}</Button>}
          </div>
        ))}
        {connections.length === 0 ? <Box padding="m">{words.none}</Box> : (
          <SpaceBetween size="xs">
            <TextFilter filteringText={search} filteringAriaLabel={`Search ${words.title.toLowerCase()}`} filteringPlaceholder="Search names" filteringClearAriaLabel="Clear the search"
              countText={search === '' ? '' : `${rows.length} rows`} onChange={({ detail }) => go(withQuery(place, { [words.search]: detail.filteringText }), 'replace')} />
            <Tree label={words.label} rows={rows} selected={selected} onSelect={({ id }) => go(withQuery(place, { [words.query]: id }), 'replace')} onToggle={toggle} />
          </SpaceBetween>
        )}
      </SpaceBetween>
    </section>
  );
}

/** The connection as root; below it what was read of it, and what was asked for since. */
function itemsOfConnection({ name, tree, isConnected }: SideState, described: ReadonlyMap<string, readonly TreeNode[]>): TreeItem[] {
  const root: TreeNode = { depth: 0, kind: 'fact', name, ...(isConnected ? {} : { detail: 'not connected' }) };
  const all = itemsOf([root, ...(tree?.nodes ?? []).map((node) => ({ ...node, depth: node.depth + 1 }))]);
  return all.flatMap((item) => (item.isLazy === true && described.has(item.id) ? [item, ...itemsOf(described.get(item.id)!, item)] : [item]));
}
