// Words and colours of the report.

import type { AssessmentQuery, AssessmentSeverity } from '@aeneas/protocol';

export const SEVERITIES = ['high', 'medium', 'low'] as const satisfies readonly AssessmentSeverity[];
export const SEVERITY_TEXT: Readonly<Record<AssessmentSeverity, string>> = { high: 'To be solved, or rows will be missing', medium: 'To be decided', low: 'Worth knowing' };
export const SEVERITY_LOOK = { high: 'error', medium: 'warning', low: 'info' } as const satisfies Record<AssessmentSeverity, string>;

export const PATH_TEXT: Readonly<Record<AssessmentQuery['by'], string>> = { keys: 'by the key', index: 'by an index that is needed', scan: 'by reading everything' };
export const PATH_LOOK = { keys: 'success', index: 'warning', scan: 'error' } as const satisfies Record<AssessmentQuery['by'], string>;

export function dollars(value: number): string {
  return `$${value.toFixed(value < 1 ? 4 : 2)}`;
}

/** 12.5 s, 3.0 min, 7.5 h. */
export function seconds(value: number): string {
  if (value < 90) return `${value.toFixed(1)} s`;
  return value < 90 * 60 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
}

/** How exact the numbers of a table are. */
export function exactness({ isWhole, relativeError, share }: { readonly isWhole: boolean; readonly relativeError: number; readonly share: number }): string {
  return isWhole ? 'all read' : `±${(relativeError * 100).toFixed(1)} % from ${(share * 100).toPrecision(2)} %`;
}
