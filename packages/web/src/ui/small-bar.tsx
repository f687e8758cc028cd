import { percent } from '../format.ts';

/** Progress within a list: quiet, where Cloudscape's own bar would tell a screen reader of every step of every row. */
export function SmallBar({ fraction, label }: { readonly fraction: number; readonly label: string }) {
  return <div className="bar"><progress max={100} value={percent(fraction)} aria-label={label} /><span className="digits">{percent(fraction)} %</span></div>;
}
