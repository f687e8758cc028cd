// Trees as lists in the order of reading: each node with its depth.

import type { TreeNode } from '@aeneas/protocol';

/** A node with what is below it, which counts its depth from 0. */
export function branch(node: Omit<TreeNode, 'depth'>, below: readonly TreeNode[] = []): TreeNode[] {
  return [{ depth: 0, ...node }, ...below.map((one) => ({ ...one, depth: one.depth + 1 }))];
}

/** A branch that says how many there are in it; none when there are none. */
export function group(kind: TreeNode['kind'], name: string, items: readonly (readonly TreeNode[])[]): TreeNode[] {
  return items.length === 0 ? [] : branch({ kind, name, detail: String(items.length) }, items.flat());
}

export interface ShownColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular';
  readonly isDescending: boolean;
}

/** Keys, columns and indexes of a table or view; keys in their order. */
export function tableNodes(columns: readonly ShownColumn[], indexes: readonly { readonly name: string; readonly target: string }[]): TreeNode[] {
  const keys = columns.filter(({ kind }) => kind === 'partition_key' || kind === 'clustering');
  return [
    ...group('keys', 'Keys', keys.map(({ name, kind, isDescending }) => branch({ kind: 'key', name, detail: kind === 'partition_key' ? 'partition key' : `clustering key${isDescending ? ', descending' : ''}` }))),
    ...group('columns', 'Columns', columns.map(({ name, type, kind }) => branch({ kind: 'column', name, detail: kind === 'static' ? `${type}, static` : type }))),
    ...group('indexes', 'Indexes', indexes.map(({ name, target }) => branch({ kind: 'index', name, detail: target }))),
  ];
}

/** A keyspace's part of a tree. */
export function keyspaceNodes(name: string, detail: string | undefined, parts: { readonly tables: readonly string[]; readonly views: readonly string[]; readonly types: readonly string[] }): TreeNode[] {
  const lazy = (kind: 'table' | 'view' | 'type', names: readonly string[]): TreeNode[][] => names.toSorted().map((one) => branch({ kind, name: one, isLazy: true }));
  return branch({ kind: 'keyspace', name, ...(detail === undefined ? {} : { detail }) }, [
    ...group('tables', 'Tables', lazy('table', parts.tables)), ...group('views', 'Views', lazy('view', parts.views)), ...group('types', 'Types', lazy('type', parts.types)),
  ]);
}
