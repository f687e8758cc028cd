// Preview, creation and check in the account.

import { useState } from 'react';
import type { AwsAccess, IamPlan, IamResource, Simulated } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { TableProps } from '@cloudscape-design/components/table';
import { server } from '../../server.ts';
import { plural } from '../../format.ts';
import { useAction } from '../../ui/answer.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { IamQuestion } from './iam-tab.tsx';

export function IamAccount({ question }: { readonly question: IamQuestion }) {
  const { values, set } = useForm('prerequisites-aws', { profile: '', endpoint: '', principal: '' });
  const preview = useAction<IamPlan>();
  const check = useAction<{ readonly results: readonly Simulated[] }>();
  const [asked, setAsked] = useState('');
  const [isCreating, setCreating] = useState(false);
  const text = (key: keyof typeof values): object => (values[key].trim() === '' ? {} : { [key]: values[key].trim() });
  const access = { region: question.region, ...text('profile'), ...text('endpoint') } as AwsAccess;
  const key = JSON.stringify([question, access]);
  const look = async (): Promise<void> => {
    setAsked(key);
    await preview.run(() => server.prerequisites.iam.preview({ scope: question, access }));
  };
  // What was asked for something else is not shown any more.
  const plan = asked === key ? preview.value : undefined;
  const missing = plan?.resources.filter(({ state }) => state === 'missing') ?? [];
  return (
    <Container header={<Header variant="h2" description="With credentials of the server's machine: a profile of ~/.aws, or its environment. Secrets are not typed here.">In your account</Header>}>
      <SpaceBetween size="l">
        <TextField label="AWS profile (optional)" description="Default: the environment of aeneas serve." value={values.profile} onChange={(profile) => set({ profile })} />
        <TextField label="Endpoint (optional)" description="For IAM and STS that are not of AWS." value={values.endpoint} onChange={(endpoint) => set({ endpoint })} />
        <SpaceBetween direction="horizontal" size="xs">
          <Button loading={preview.isBusy} loadingText="IAM is asked" onClick={() => void look()}>Preview</Button>
          <Button variant="primary" disabled={missing.length === 0} disabledReason={plan === undefined ? 'Look at the preview first.' : 'Nothing is missing.'} onClick={() => setCreating(true)}>Create what is missing</Button>
        </SpaceBetween>
        {preview.problem === undefined ? null : <ProblemAlert title="The account could not be looked at" problem={preview.problem} />}
        {plan === undefined ? null : <PlanTable plan={plan} />}
        <TextField label="Who is checked (optional)" description="ARN of the user or role that runs Aeneas. Default: the role that AWS DMS assumes." value={values.principal} onChange={(principal) => set({ principal })} />
        <Button loading={check.isBusy} loadingText="The policy simulator is asked" onClick={() => void check.run(() => server.prerequisites.iam.check({ scope: question, access, ...text('principal') }))}>Check</Button>
        {check.problem === undefined ? null : <ProblemAlert title="That could not be checked" problem={check.problem} />}
        {check.value === undefined ? null : <SimulatedTable results={check.value.results} />}
        {isCreating && plan !== undefined ? (
          <CreateDialog plan={plan} missing={missing} create={() => server.prerequisites.iam.create({ scope: question, access, digest: plan.digest })} onDone={(done) => {
            setCreating(false);
            if (done !== undefined) void preview.run(() => Promise.resolve(done));
          }} />
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

function CreateDialog({ plan, missing, create, onDone }: { readonly plan: IamPlan; readonly missing: readonly IamResource[]; readonly create: () => Promise<IamPlan>; readonly onDone: (done?: IamPlan) => void }) {
  const creating = useAction<IamPlan>();
  const confirm = async (): Promise<void> => {
    const done = await creating.run(create);
    if (done !== undefined) onDone(done);
  };
  return (
    <ConfirmDialog title={`Create ${plural(missing.length, 'resource')} in account ${plan.account}?`} verb="Create" isBusy={creating.isBusy} problem={creating.problem} onConfirm={() => void confirm()} onClose={() => onDone()}>
      <SpaceBetween size="s">
        <div>As <span className="breakable">{plan.caller}</span>:</div>
        <ul>{missing.map(({ kind, name }) => <li key={`${kind} ${name}`}>{kind} {name}</li>)}</ul>
        <div>What exists stays as it is, also where it is different.</div>
      </SpaceBetween>
    </ConfirmDialog>
  );
}

const RESOURCE_LOOK = { missing: 'pending', equal: 'success', created: 'success', different: 'warning', 'left out': 'warning' } as const;

const RESOURCE_COLUMNS: TableProps<IamResource>['columnDefinitions'] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, isRowHeader: true },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => kind },
  { id: 'state', header: 'State', cell: ({ state }) => <StatusIndicator type={RESOURCE_LOOK[state]}>{state}</StatusIndicator> },
  { id: 'detail', header: 'What differs', cell: ({ detail }) => detail ?? '' },
];

function PlanTable({ plan: { account, caller, resources } }: { readonly plan: IamPlan }) {
  return (
    <Table
      variant="embedded" wrapLines
      ariaLabels={{ tableLabel: 'Policies, role and attachments in the account' }}
      header={<Header variant="h3" description={`As ${caller}`}>Account {account}</Header>}
      items={[...resources]}
      columnDefinitions={RESOURCE_COLUMNS}
    />
  );
}

const SIMULATED_LOOK = { ok: 'success', warning: 'warning', failed: 'error' } as const;

const SIMULATED_COLUMNS: TableProps<Simulated>['columnDefinitions'] = [
  { id: 'action', header: 'Action', cell: ({ action }) => action, isRowHeader: true },
  { id: 'decision', header: 'Decision', cell: ({ decision, state }) => <StatusIndicator type={SIMULATED_LOOK[state]} iconAriaLabel={state}>{decision}</StatusIndicator> },
  { id: 'expected', header: 'Should be', cell: ({ expected }) => expected },
  { id: 'resource', header: 'Resource', cell: ({ resource }) => <span className="breakable">{resource}</span> },
  { id: 'why', header: 'Why', cell: ({ why }) => why },
];

function SimulatedTable({ results }: { readonly results: readonly Simulated[] }) {
  const failed = results.filter(({ state }) => state === 'failed').length;
  const more = results.filter(({ state }) => state === 'warning').length;
  const words = `${plural(failed, 'permission')} missing, ${more} more than needed.`;
  return (
    <Table
      variant="embedded" wrapLines
      ariaLabels={{ tableLabel: 'What the policy simulator says' }}
      header={<Header variant="h3" description={<output>{words}</output>}>Policy simulation</Header>}
      items={[...results]}
      columnDefinitions={SIMULATED_COLUMNS}
    />
  );
}
