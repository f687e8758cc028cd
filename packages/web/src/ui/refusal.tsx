import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { AgentRefusal } from '@aeneas/protocol';
import { Countdown } from './countdown.tsx';

/** An error within a list: code, cause, remedy; and when it is tried again. */
export function Refusal({ error, isFinal, nextRetryMillis }: { readonly error: AgentRefusal; readonly isFinal: boolean; readonly nextRetryMillis?: number | undefined }) {
  return (
    <div className="breakable refusal">
      <StatusIndicator type={isFinal ? 'error' : 'warning'}>{error.code}</StatusIndicator>
      <div>{error.message}</div>
      <div><strong>What to do:</strong> {error.remedy}</div>
      {nextRetryMillis === undefined ? null : <Countdown untilMillis={nextRetryMillis} />}
    </div>
  );
}
