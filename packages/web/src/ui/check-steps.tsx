import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { CheckResult, CheckStep } from '@aeneas/protocol';

const LOOK: Readonly<Record<CheckStep['state'], StatusIndicatorProps.Type>> = { ok: 'success', warning: 'warning', failed: 'error', skipped: 'stopped' };

/** What a button tried, in its order, with cause and remedy where it failed. Read aloud when it comes. */
export function CheckSteps({ label, result }: { readonly label: string; readonly result: CheckResult | undefined }) {
  return (
    <div aria-live="polite">
      {result === undefined ? null : (
        <ol className="steps" aria-label={label}>
          {result.steps.map(({ step, state, said, problem }) => (
            <li key={step} className="breakable">
              <StatusIndicator type={LOOK[state]}>{step}</StatusIndicator> {said}{problem === undefined ? '' : ` (${problem.code})`}
              {problem === undefined ? null : <div><strong>What to do:</strong> {problem.remedy}</div>}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
