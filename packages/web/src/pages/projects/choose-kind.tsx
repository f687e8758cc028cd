import { useState } from 'react';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go } from '../../place.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { followed, Link } from '../../ui/link.tsx';
import { useTitle } from '../../ui/title.ts';
import { projectPath } from './paths.ts';

interface ChooseKindProps {
  readonly project: string;
  readonly title: 'Add source' | 'Add target';
  readonly kinds: readonly { readonly value: string; readonly label: string; readonly description: string }[];
}

/** The first step of Add source and Add target: what it is. The second one has it in its address, so that the back button leads here. */
export function ChooseKind({ project, title, kinds }: ChooseKindProps) {
  useTitle(title);
  const [kind, setKind] = useState(kinds[0]!.value);
  const back = projectPath(project);
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={back}>Project {project}</Link></nav>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        go(`${projectPath(project, title === 'Add source' ? 'add-source' : 'add-target')}?of=${kind}`);
      }}>
        <Form
          header={<Header variant="h1">{title}</Header>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href={back} onFollow={(event) => followed(event, back)}>Cancel</Button>
              <Button variant="primary">Next</Button>
            </SpaceBetween>
          }
        >
          <Container><ChoiceField label={title === 'Add source' ? 'Source' : 'Target'} value={kind} onChange={setKind} items={kinds} /></Container>
        </Form>
      </form>
    </SpaceBetween>
  );
}
