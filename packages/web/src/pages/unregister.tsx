import { useState } from 'react';
import type { AgentStatus } from '@aeneas/protocol';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { server } from '../server.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

/** Asks before an agent is forgotten. One that somebody else unregistered meanwhile is gone as well. */
export function Unregister({ agent: { name, url = '' }, onClose, onDone }: { readonly agent: Pick<AgentStatus, 'name' | 'url'>; readonly onClose: () => void; readonly onDone: () => void }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const unregister = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const refused = await server.agents.unregister({ name }).then(() => undefined, problemOf);
    if (refused === undefined || refused.code === 'AGENT_UNKNOWN') return onDone();
    setProblem(refused);
    setBusy(false);
  };
  return (
    <ConfirmDialog title={`Unregister agent ${name}?`} verb="Unregister" isBusy={isBusy} problem={problem} onConfirm={() => void unregister()} onClose={onClose}>
      <SpaceBetween size="s">
        <div>The server forgets the agent, its description and the passwords that were typed for it, and gives it no more work. It is refused while a task needs the agent.</div>
        <div>The agent at <span className="breakable">{url}</span> itself goes on running, and its files, key stores and settings stay where they are: it can be registered again.</div>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
