import type { Finding } from '@aeneas/protocol';
import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

const LOOK = { ok: 'success', warning: 'warning', failed: 'error' } as const;

/** What a check found, and in one sentence what that means. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  const failed = findings.filter(({ state }) => state === 'failed').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  const type = failed > 0 ? 'error' : warnings > 0 ? 'warning' : 'success';
  const words = failed > 0 ? `${failed} of ${findings.length} are not as they should be.` : warnings > 0 ? `It works; ${warnings} of ${findings.length} should be changed all the same.` : 'All is as it should be.';
  return (
    <SpaceBetween size="s">
      <output><Alert type={type} statusIconAriaLabel={type}>{words}</Alert></output>
      <ul className="findings">
        {findings.map(({ name, state, text, remedy }) => (
          <li key={name}>
            <StatusIndicator type={LOOK[state]} iconAriaLabel={state}><strong>{name}</strong></StatusIndicator>
            <div className="breakable">{text}</div>
            {remedy === undefined ? null : <div className="breakable"><strong>What to do:</strong> {remedy}</div>}
          </li>
        ))}
      </ul>
    </SpaceBetween>
  );
}
