// The rows of a tree that are to be seen, out of all: what is open, or what has the words that are searched for.

import type { TreeNode } from '@aeneas/protocol';

export interface TreeItem extends TreeNode {
  /** Names on the way from the root, each encoded, with / between. */
  readonly id: string;
  readonly parent: string | undefined;
  readonly hasChildren: boolean;
}

export interface TreeRow extends TreeItem {
  readonly isOpen: boolean;
  readonly position: number;
  readonly siblings: number;
}

/** Ids for nodes in the order of reading, below a node if there is one. */
export function itemsOf(nodes: readonly TreeNode[], below?: TreeItem): TreeItem[] {
  const base = below === undefined ? 0 : below.depth + 1;
  const path: string[] = [];
  return nodes.map((node, i) => {
    const parent = node.depth === 0 ? below?.id : path[node.depth - 1];
    const id = `${parent === undefined ? '' : `${parent}/`}${encodeURIComponent(node.name)}`;
    path[node.depth] = id;
    return { ...node, depth: base + node.depth, id, parent, hasChildren: node.isLazy === true || (nodes[i + 1]?.depth ?? -1) > node.depth };
  });
}

export function ancestorsOf(id: string): string[] {
  const parts = id.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** What is seen. While something is searched for: what has all its words, and the way there. */
export function rowsOf(items: readonly TreeItem[], open: ReadonlySet<string>, search: string): TreeRow[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const found = words.length === 0 ? undefined : matching(items, words);
  const shown: TreeItem[] = [];
  let closedDepth = Infinity;
  for (const item of items) {
    if (item.depth > closedDepth) continue;
    closedDepth = Infinity;
    if (found?.has(item.id) === false && !isBelowOpenMatch(item, found, open)) continue;
    shown.push(item);
    if (item.hasChildren && !isOpenNow(item, open, found)) closedDepth = item.depth;
  }
  const siblings = new Map<string | undefined, number>();
  const numbered = shown.map((item) => {
    const position = (siblings.get(item.parent) ?? 0) + 1;
    siblings.set(item.parent, position);
    return { ...item, isOpen: item.hasChildren && isOpenNow(item, open, found), position };
  });
  return numbered.map((row) => ({ ...row, siblings: siblings.get(row.parent)! }));
}

/** true: leads to a match. false: is one itself, and opens as the user likes. */
type Found = ReadonlyMap<string, boolean>;

function matching(items: readonly TreeItem[], words: readonly string[]): Found {
  const found = new Map<string, boolean>();
  for (const { id, name } of items) {
    const text = name.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    if (!found.has(id)) found.set(id, false);
    for (const ancestor of ancestorsOf(id)) found.set(ancestor, true);
  }
  return found;
}

function isOpenNow({ id }: TreeItem, open: ReadonlySet<string>, found: Found | undefined): boolean {
  return found?.get(id) === true || open.has(id);
}

/** What is in a table that was found is shown when the user opens it. */
function isBelowOpenMatch({ id }: TreeItem, found: Found, open: ReadonlySet<string>): boolean {
  return ancestorsOf(id).some((ancestor) => found.get(ancestor) === false && open.has(ancestor));
}
