import { useState } from 'react';
import type { AgentStatus } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { count } from '../format.ts';
import { useLive } from '../live.ts';
import type { Place } from '../place.ts';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { server } from '../server.ts';
import { AgentTable } from '../ui/agent-table.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { followed } from '../ui/link.tsx';
import { useTitle } from '../ui/title.ts';

export function AgentsPage({ place }: { readonly place: Place }) {
  useTitle('Agents');
  const { overview } = useLive();
  const [leaving, setLeaving] = useState<AgentStatus>();
  const agents = overview?.agents;
  return (
    <>
      <AgentTable
        agents={agents}
        place={place}
        header={<Header variant="h1" counter={`(${count(agents?.length ?? 0)})`} actions={<Button variant="primary" href="/new-agent" onFollow={(event) => followed(event, '/new-agent')}>Register an agent</Button>}>Agents</Header>}
        onUnregister={setLeaving}
      />
      {leaving === undefined ? null : <Unregister agent={leaving} onClose={() => setLeaving(undefined)} />}
    </>
  );
}

function Unregister({ agent, onClose }: { readonly agent: AgentStatus; readonly onClose: () => void }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const unregister = async (): Promise<void> => {
    setBusy(true);
    try {
      await server.agents.unregister({ name: agent.name });
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog title={`Unregister agent ${agent.name}?`} verb="Unregister" isBusy={isBusy} problem={problem} onConfirm={() => void unregister()} onClose={onClose}>
      <SpaceBetween size="s">
        <div>The server forgets the agent and its credentials&apos; places, and gives it no more work.</div>
        <Box>The agent at <span className="breakable">{agent.url}</span> itself goes on running, and its key stores and passwords stay where they are.</Box>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
