import { useEffect, useState } from 'react';
import { duration } from '../format.ts';
import { live } from '../live.ts';

/** How long it is, by the server's clock, until something is tried again. */
export function Countdown({ untilMillis }: { readonly untilMillis: number }) {
  const [nowMillis, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const left = untilMillis - (nowMillis + live.current().aheadMillis);
  return <div className="digits">{left <= 0 ? 'Trying again now' : `Next try in ${duration(left + 999)}`}</div>;
}
