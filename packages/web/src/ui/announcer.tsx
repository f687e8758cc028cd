// What changed, said to those who do not see it: states, not numbers.

import { useEffect, useRef, useState } from 'react';
import { useLive } from '../live.ts';
import { facts } from './facts.ts';

export function Announcer() {
  const live = useLive();
  const before = useRef<ReadonlyMap<string, string> | undefined>(undefined);
  const [text, setText] = useState('');
  useEffect(() => {
    if (live.overview === undefined) return;
    const now = facts(live);
    const changed = [...now].filter(([fact, said]) => before.current !== undefined && before.current.has(fact) && before.current.get(fact) !== said).map(([, said]) => said);
    before.current = now;
    if (changed.length > 0) setText(changed.join(' '));
  }, [live]);
  return <output aria-live="polite" className="only-heard">{text}</output>;
}
