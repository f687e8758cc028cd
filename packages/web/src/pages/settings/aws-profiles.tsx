import { Fragment, useState } from 'react';
import type { SavedAwsProfile } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { go } from '../../place.ts';
import type { Place } from '../../place.ts';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Link, followed } from '../../ui/link.tsx';
import { useLoaded } from '../../ui/loaded.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { AwsProfileForm } from './aws-profile-form.tsx';
import { CREDENTIALS_TEXT } from './credentials-text.ts';

const COLUMNS = [
  { id: 'name', header: 'Profile', isRowHeader: true, minWidth: 140, cell: ({ name }: SavedAwsProfile) => <Link to={`/settings?edit=${encodeURIComponent(name)}`}>{name}</Link> },
  { id: 'credentials', header: 'Credentials', minWidth: 220, cell: (profile: SavedAwsProfile) => <Keys profile={profile} /> },
  { id: 'region', header: 'Region', minWidth: 130, cell: ({ region }: SavedAwsProfile) => region },
  { id: 'bucket', header: 'S3 bucket', minWidth: 160, cell: ({ bucket }: SavedAwsProfile) => bucket ?? '-' },
  { id: 'projects', header: 'Projects', minWidth: 140, cell: ({ projects }: SavedAwsProfile) => (projects.length === 0 ? '-' : <ProjectLinks projects={projects} />) },
];

function ProjectLinks({ projects }: { readonly projects: readonly string[] }) {
  return <>{projects.map((name, i) => <Fragment key={name}>{i === 0 ? '' : ', '}<Link to={`/projects/${encodeURIComponent(name)}`}>{name}</Link></Fragment>)}</>;
}

const loadProfiles = () => server.settings.awsProfiles.list();

/** `?add=1`: the form of a new profile; `?edit=NAME`: of that one. */
export function AwsProfilesTab({ place }: { readonly place: Place }) {
  const { value, problem, reload } = useLoaded(loadProfiles);
  const [leaving, setLeaving] = useState<SavedAwsProfile>();
  if (problem !== undefined) return <ProblemAlert title="The settings could not be read" problem={problem} />;
  if (value === undefined) return <output>Asking the server ...</output>;
  const { profiles, sharedProfiles } = value;
  const edited = profiles.find(({ name }) => name === place.query.get('edit'));
  if (edited !== undefined || place.query.has('add')) {
    return <AwsProfileForm key={edited?.revision ?? 'new'} saved={edited} sharedProfiles={sharedProfiles} onReload={reload} />;
  }
  const remove = (profile: SavedAwsProfile) => <Button variant="inline-link" ariaLabel={`Delete ${profile.name}`} onClick={() => setLeaving(profile)}>Delete</Button>;
  return (
    <>
      <Table
        trackBy="name"
        wrapLines
        items={profiles}
        columnDefinitions={[...COLUMNS, { id: 'action', header: 'Action', minWidth: 100, cell: remove }]}
        header={<Header variant="h2" counter={`(${profiles.length})`} description="Who asks AWS, where, and which bucket data is staged in."
          actions={<Button variant="primary" href="/settings?add=1" onFollow={(event) => followed(event, '/settings?add=1')}>Add a profile</Button>}>AWS service profiles</Header>}
        empty="No profile yet. A profile keeps credentials, Region and bucket under one name."
        ariaLabels={{ tableLabel: 'AWS service profiles' }}
      />
      {leaving === undefined ? null : <DeleteProfile profile={leaving} onClose={() => setLeaving(undefined)} onDeleted={reload} />}
    </>
  );
}

function Keys({ profile: { credentials, keys } }: { readonly profile: SavedAwsProfile }) {
  const text = `${CREDENTIALS_TEXT[credentials.kind]}${'profile' in credentials ? `: ${credentials.profile}` : ''}`;
  if (keys === 'missing') return <StatusIndicator type="warning">{text}: not known now; type them again, or open the vault</StatusIndicator>;
  return <span>{text}{keys === 'vault' ? ', in the vault' : keys === 'memory' ? ', in memory until the server ends' : ''}</span>;
}

function DeleteProfile({ profile, onClose, onDeleted }: { readonly profile: SavedAwsProfile; readonly onClose: () => void; readonly onDeleted: () => Promise<void> }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      await server.settings.awsProfiles.delete({ name: profile.name, force: true });
      await onDeleted();
      onClose();
      go('/settings', 'replace');
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog title={`Delete the profile ${profile.name}?`} verb="Delete" isBusy={isBusy} problem={problem} onConfirm={() => void remove()} onClose={onClose}>
      <SpaceBetween size="xs">
        {profile.projects.length === 0 ? null : <StatusIndicator type="warning">Used by {profile.projects.join(', ')}: without it their tasks and connections have no credentials.</StatusIndicator>}
        <div>Its settings go{profile.credentials.kind === 'keys' ? ', and its access key, from vault and memory' : ''}.</div>
        <div>Stays: everything in AWS, the bucket{profile.bucket === undefined ? '' : ` ${profile.bucket}`} included.</div>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
