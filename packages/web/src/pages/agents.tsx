import { useState } from 'react';
import type { AgentStatus } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { count } from '../format.ts';
import { useLive } from '../live.ts';
import type { Place } from '../place.ts';
import { AgentTable } from '../ui/agent-table.tsx';
import { followed } from '../ui/link.tsx';
import { NoAgentYet } from './no-agent-yet.tsx';
import { Unregister } from './unregister.tsx';

/** All agents; while none is registered, what one is and how to get it. */
export function AgentsTab({ place }: { readonly place: Place }) {
  const { overview } = useLive();
  const [leaving, setLeaving] = useState<AgentStatus>();
  const agents = overview?.agents;
  // The one within the server has no address and was not registered.
  const isNoneRegistered = agents !== undefined && agents.every(({ url }) => url === undefined);
  const register = <Button variant="primary" href="/new-agent" onFollow={(event) => followed(event, '/new-agent')}>Register</Button>;
  return (
    <SpaceBetween size="l">
      {isNoneRegistered ? <NoAgentYet register={register} /> : null}
      <AgentTable
        agents={agents}
        place={place}
        header={<Header variant="h2" counter={`(${count(agents?.length ?? 0)})`} actions={isNoneRegistered ? undefined : register}>Agents</Header>}
        onUnregister={setLeaving}
      />
      {leaving === undefined ? null : <Unregister agent={leaving} onClose={() => setLeaving(undefined)} onDone={() => setLeaving(undefined)} />}
    </SpaceBetween>
  );
}
