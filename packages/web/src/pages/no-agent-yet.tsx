import type { ReactNode } from 'react';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { CodeBlock } from '../ui/code-block.tsx';
import { Link } from '../ui/link.tsx';

const DEBIAN = `sudo apt install ./cassandra-data-extractor_*_amd64.deb
sudo cassandra-data-extractor --configure
sudo systemctl enable --now cassandra-data-extractor-mounts cassandra-data-extractor
sudo cassandra-data-extractor status
`;
const RPM = DEBIAN.replace('apt install ./cassandra-data-extractor_*_amd64.deb', 'yum install ./cassandra-data-extractor-*.x86_64.rpm');

/** Before the first agent is registered: what one is for, when it is needed, and how to get one. */
export function NoAgentYet({ register }: { readonly register: ReactNode }) {
  return (
    <Container header={<Header variant="h2" actions={register}>No agent is registered yet</Header>}>
      <SpaceBetween size="m">
        <div>
          A data extraction agent runs near the nodes of Cassandra. It reads their SSTable files, through mounts or SFTP, and writes their rows to Amazon S3 and DynamoDB; the server here only tells it what to do. Several agents share
          a task.
        </div>
        <div>
          Below is the one agent that is built into this server and was not registered. Tasks use it as long as there is no other. It reads files of the server&apos;s own machine, and no others: for a copy of the data that lies here it is enough.
        </div>
        <ExpandableSection headerText="How an agent is installed" defaultExpanded>
          <SpaceBetween size="m">
            <ol className="steps">
              <li>Have a trust store and key stores made for server and agents: <Link to="/settings?tab=security" variant="primary">Settings &gt; Global Settings &gt; Security</Link>. Bring the trust store and the agent&apos;s own key store to its machine.</li>
              <li>Install the package, which is in the folder <code>agents</code> of the release, on a Linux machine near the nodes (8 CPUs and 16 GB are the advice). It asks for nodes, stores and output folder.</li>
              <li>Register it here by its host name and port, which is 8080 unless it was changed.</li>
            </ol>
            <CodeBlock label="Commands on Debian and Ubuntu" text={DEBIAN} />
            <CodeBlock label="Commands on RHEL, Rocky, Alma and Amazon Linux" text={RPM} />
            <div>docs/AGENT.md explains each step, and how an agent is run from a checkout instead.</div>
          </SpaceBetween>
        </ExpandableSection>
      </SpaceBetween>
    </Container>
  );
}
