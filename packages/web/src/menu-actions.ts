// What the page that is shown offers to the menus of the top bar.

import { useEffect, useSyncExternalStore } from 'react';

export interface MenuAction {
  readonly text: string;
  /** A link to a place, or something that is done. */
  readonly to?: string;
  readonly run?: () => void;
}

export interface PageMenus {
  /** Into File, beside what is always there. */
  readonly file: readonly MenuAction[];
  readonly actions: readonly MenuAction[];
  /** Places of the buttons Add source and Add target. */
  readonly addSource?: string;
  readonly addTarget?: string;
  /** Of View > Assessment report. */
  readonly assessment?: string;
}

const NONE: PageMenus = { file: [], actions: [] };
let offered = NONE;
const listeners = new Set<() => void>();

function offer(menus: PageMenus): void {
  offered = menus;
  for (const listener of listeners) listener();
}

/** Offers these while the page is shown. `key` changes whenever they do. */
export function useOffer(menus: PageMenus, key: string): void {
  useEffect(() => {
    offer(menus);
    return () => offer(NONE);
    // What is offered is the same while its key is.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
}

export function useOffered(): PageMenus {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => offered);
}
