import type { ConnectionStep, ConnectionTest } from '@aeneas/protocol';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

const STEP_TEXT: Readonly<Record<ConnectionStep['step'], string>> = {
  files: 'Files', resolve: 'Resolve the server name', connect: 'Connect', tls: 'TLS', login: 'Log in', version: 'Version', datacenters: 'Datacenters', credentials: 'Credentials', tables: 'List tables',
};
const LOOK = { ok: 'success', failed: 'error', skipped: 'stopped' } as const;

/** What Test connection did, step by step. */
export function TestSteps({ test }: { readonly test: ConnectionTest }) {
  return (
    <section aria-label="Test connection" aria-live="polite" className="test-steps">
      <strong>{test.isOk ? 'The connection works.' : 'The connection does not work.'}</strong>
      <ol>
        {test.steps.map(({ step, state, said, millis, problem }) => (
          <li key={step} className="breakable">
            <StatusIndicator type={LOOK[state]}>{STEP_TEXT[step]}</StatusIndicator> <span>{said}{state === 'skipped' ? '' : ` (${millis} ms)`}</span>
            {problem === undefined ? null : <div><strong>What to do:</strong> {problem.remedy} ({problem.code})</div>}
          </li>
        ))}
      </ol>
    </section>
  );
}
