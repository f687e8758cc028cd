import type { AgentStatus } from '@aeneas/protocol';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

/** What of an agent somebody should look at: warnings, and advice. */
export function Notices({ notices }: { readonly notices: AgentStatus['notices'] }) {
  if (notices === undefined) return '-';
  return (
    <ul className="notices">
      {notices.map(({ level, text }) => <li key={text}><StatusIndicator type={level === 'warning' ? 'warning' : 'info'} iconAriaLabel={level === 'warning' ? 'Warning' : 'Advice'} wrapText>{text}</StatusIndicator></li>)}
    </ul>
  );
}
