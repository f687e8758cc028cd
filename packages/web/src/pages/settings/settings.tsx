// Settings > Global Settings: what belongs to this server and all of its projects.

import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { go } from '../../place.ts';
import type { Place } from '../../place.ts';
import { useTitle } from '../../ui/title.ts';
import { AwsProfilesTab } from './aws-profiles.tsx';
import { LoggingTab } from './logging.tsx';
import { SecurityTab } from './security.tsx';
import { VaultTab } from './vault.tsx';

const TABS = ['aws', 'security', 'logging', 'vault'];

export function SettingsPage({ place }: { readonly place: Place }) {
  useTitle('Global Settings');
  const tab = TABS.find((one) => one === place.query.get('tab')) ?? 'aws';
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="They hold for this server and all of its projects. Secrets are in the vault or, when they are not stored, in the server's memory until it ends; no answer of the server contains them.">Global Settings</Header>
      <Tabs
        ariaLabel="Global Settings"
        activeTabId={tab}
        onChange={({ detail }) => go(detail.activeTabId === 'aws' ? '/settings' : `/settings?tab=${detail.activeTabId}`)}
        tabs={[
          { id: 'aws', label: 'AWS service profiles', content: <AwsProfilesTab place={place} /> },
          { id: 'security', label: 'Security', content: <SecurityTab place={place} /> },
          { id: 'logging', label: 'Logging', content: <LoggingTab /> },
          { id: 'vault', label: 'Vault', content: <VaultTab /> },
        ]}
      />
    </SpaceBetween>
  );
}
