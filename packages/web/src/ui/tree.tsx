// A tree after the ARIA practices, of which only what is seen is in the page: tens of thousands of rows cost what a hundred do.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef } from 'react';
import type { TreeRow } from './tree-rows.ts';

const ROW_PIXELS = 30;
const BEYOND_ROWS = 12;

interface TreeProps {
  readonly label: string;
  readonly rows: readonly TreeRow[];
  readonly selected: string | undefined;
  readonly onSelect: (row: TreeRow) => void;
  readonly onToggle: (row: TreeRow) => void;
}

export function Tree({ label, rows, selected, onSelect, onToggle }: TreeProps) {
  const box = useRef<HTMLDivElement>(null);
  const prefix = useId();
  // oxlint-disable-next-line react/incompatible-library -- its values stay within this component
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PIXELS, overscan: BEYOND_ROWS });
  const at = rows.findIndex(({ id }) => id === selected);
  const seen = virtual.getVirtualItems();
  const scrolledTo = useRef<string>(undefined);
  useEffect(() => {
    if (at < 0 || scrolledTo.current === selected) return;
    scrolledTo.current = selected;
    virtual.scrollToIndex(at);
  }, [at, selected, virtual]);
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const to = targetOf(event.key, rows, at);
    if ((event.key === 'Enter' || event.key === ' ') && row?.hasChildren === true) onToggle(row);
    else if ((event.key === 'ArrowRight' && row?.hasChildren === true && !row.isOpen) || (event.key === 'ArrowLeft' && row?.isOpen === true)) onToggle(row);
    else if (to !== undefined) onSelect(to);
    else return;
    event.preventDefault();
  };
  const onClick = (event: React.MouseEvent): void => {
    const index = (event.target as HTMLElement).closest<HTMLElement>('[role=treeitem]')?.dataset['index'];
    const row = index === undefined ? undefined : rows[Number(index)];
    if (row === undefined) return;
    // Rows come and go; the focus stays with the tree.
    box.current?.focus({ preventScroll: true });
    onSelect(row);
    if (row.hasChildren) onToggle(row);
  };
  return (
    <div className="tree" role="tree" aria-label={label} tabIndex={0} ref={box} onKeyDown={onKey} onClick={onClick} {...(seen.some(({ index }) => index === at) ? { 'aria-activedescendant': `${prefix}${at}` } : {})}>
      <div role="presentation" className="tree-rows" style={{ blockSize: virtual.getTotalSize() }}>
        {seen.map(({ index, start }) => {
          const row = rows[index]!;
          return (
            <div
              key={row.id}
              id={`${prefix}${index}`}
              role="treeitem"
              aria-level={row.depth + 1}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              aria-selected={index === at}
              {...(row.hasChildren ? { 'aria-expanded': row.isOpen } : {})}
              className="tree-row"
              style={{ transform: `translateY(${start}px)`, paddingInlineStart: 8 + row.depth * 18 }}
              tabIndex={-1}
              data-index={index}
            >
              <span aria-hidden="true" className="tree-mark">{row.hasChildren ? (row.isOpen ? '▾' : '▸') : ''}</span>
              <span className="tree-name">{row.name}</span>
              {row.detail === undefined ? null : <span className="tree-detail"> {row.detail}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Where a key leads; none: it is not one of the tree's. */
function targetOf(key: string, rows: readonly TreeRow[], at: number): TreeRow | undefined {
  if (key === 'ArrowDown') return rows[Math.min(rows.length - 1, at + 1)];
  if (key === 'ArrowUp') return rows[Math.max(0, at - 1)];
  if (key === 'Home') return rows[0];
  if (key === 'End') return rows.at(-1);
  if (key === 'ArrowRight') return rows[at + 1]?.parent === rows[at]?.id ? rows[at + 1] : undefined;
  if (key === 'ArrowLeft') return rows.find(({ id }) => id === rows[at]?.parent);
  if (key.length !== 1 || key === ' ') return undefined;
  const letter = key.toLowerCase();
  return [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(({ name }) => name.toLowerCase().startsWith(letter));
}
