// What the server tells, for components.

import { useSyncExternalStore } from 'react';
import { LiveStore } from './live-store.ts';
import type { Live } from './live-store.ts';
import { server } from './server.ts';

export const live = new LiveStore((task, lastEventId, signal) => server.events(task === undefined ? {} : { task }, { signal, ...(lastEventId === undefined ? {} : { lastEventId }) }));

export function useLive(): Live {
  return useSyncExternalStore(live.subscribe, live.current);
}
