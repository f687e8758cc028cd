// The AWS service profile that a project is associated with.

import { useState } from 'react';
import type { ProjectDetails } from '@aeneas/protocol';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useAsked } from './asked.ts';

const NONE = { value: '', label: 'None' };

/** Saved at once: it is one line of the project file. */
export function AwsProfileChoice({ project, onSaved }: { readonly project: ProjectDetails; readonly onSaved: (project: ProjectDetails) => void }) {
  const { value: offered } = useAsked('aws-profiles', () => server.projects.awsProfiles());
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const { name, version, awsServiceProfile } = project;
  const known = (offered?.service ?? []).map((profile) => ({ value: profile.name, label: profile.name, description: profile.region }));
  const isGone = awsServiceProfile !== undefined && offered !== undefined && known.every(({ value }) => value !== awsServiceProfile);
  const current = awsServiceProfile === undefined ? NONE : { value: awsServiceProfile, label: awsServiceProfile };
  const save = async (profile: string): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      onSaved(await server.projects.setAwsServiceProfile({ name, version, profile: profile === '' ? null : profile }));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <SpaceBetween size="s">
      <FormField
        label="AWS service profile"
        description={<>Its credentials ask DynamoDB and S3, and its bucket stages data where the project names none. Profiles are in <Link to="/settings">Global Settings</Link>.</>}
        errorText={isGone ? `Global Settings has no profile ${awsServiceProfile}: tasks of this project cannot work.` : undefined}
      >
        <Select selectedOption={current} options={[NONE, ...known]} selectedAriaLabel="Selected" statusType={isBusy || offered === undefined ? 'loading' : 'finished'} loadingText="Asking the server"
          onChange={({ detail }) => void save(detail.selectedOption.value ?? '')} />
      </FormField>
      {problem === undefined ? null : <ProblemAlert title="The project was not changed" problem={problem} onDismiss={() => setProblem(undefined)} />}
    </SpaceBetween>
  );
}
