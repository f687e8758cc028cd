// What has to be there before a migration: permissions in AWS, a user on the source's machines, a user in its database.

import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { useTitle } from '../../ui/title.ts';
import { DbUserTab } from './db-user-tab.tsx';
import { IamTab } from './iam-tab.tsx';
import { OsUserTab } from './os-user-tab.tsx';

const TABS = ['iam', 'os-user', 'db-user'];

export function PrerequisitesPage({ place }: { readonly place: Place }) {
  useTitle('Prerequisites');
  const tab = TABS.find((one) => one === place.query.get('tab')) ?? 'iam';
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="What has to be there before a migration. Nothing is changed before you have seen it and said so. docs/PREREQUISITES.md tells more.">Prerequisites</Header>
      <Tabs
        ariaLabel="Prerequisites"
        activeTabId={tab}
        onChange={({ detail }) => go(withQuery(place, { tab: detail.activeTabId === 'iam' ? undefined : detail.activeTabId, format: undefined }))}
        tabs={[
          { id: 'iam', label: 'Target database user (IAM)', content: <IamTab place={place} /> },
          { id: 'os-user', label: 'Source OS user', content: <OsUserTab place={place} /> },
          { id: 'db-user', label: 'Source database user', content: <DbUserTab /> },
        ]}
      />
    </SpaceBetween>
  );
}
