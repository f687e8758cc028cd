// Where the user is: the URL, and nothing else, so that reload, bookmarks, a second tab and the back button work.

import { useMemo, useSyncExternalStore } from 'react';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

const href = (): string => location.pathname + location.search;

export function usePlace(): Place {
  const current = useSyncExternalStore(subscribe, href);
  return useMemo(() => {
    const { pathname, searchParams } = new URL(current, location.origin);
    return { path: pathname, query: searchParams };
  }, [current]);
}

/** Goes to another place. `replace`: without a step for the back button, as for each letter of a filter. */
export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === href()) return;
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  for (const listener of listeners) listener();
}

/** The place with some of its query changed; undefined takes a key away. */
export function withQuery({ path, query }: Place, changes: Readonly<Record<string, string | undefined>>): string {
  const changed = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === '') changed.delete(key);
    else changed.set(key, value);
  }
  const text = changed.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Addresses that pages had before, and that somebody may have kept. */
const MOVED: Readonly<Record<string, string>> = { '/': '/migration', '/tasks': '/migration', '/agents': '/migration?tab=agents' };

/** At the start of the app: an old address becomes the present one, with its filter and order. */
export function leaveOldAddress(): void {
  const to = MOVED[location.pathname.replace(/(?<=.)\/$/, '')];
  if (to !== undefined) history.replaceState(null, '', location.search === '' ? to : `${to}${to.includes('?') ? '&' : '?'}${location.search.slice(1)}`);
}

/** The two tabs of the Data migration view. */
export const TASKS = '/migration';
export const AGENTS = '/migration?tab=agents';
export const agentPath = (name: string): string => `/agents/${encodeURIComponent(name)}`;
export const taskPath = (id: string): string => `/tasks/${encodeURIComponent(id)}`;
