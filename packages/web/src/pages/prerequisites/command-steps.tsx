import type { PrerequisiteStep, Repair } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { CodeBlock } from '../../ui/code-block.tsx';

/** Commands in the order in which they are given, each with where and why; then what the guide has otherwise. */
export function CommandSteps({ steps, repairs, actions }: { readonly steps: readonly PrerequisiteStep[]; readonly repairs: readonly Repair[]; readonly actions?: ReactNode }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={actions}>Commands</Header>}>
        <ol className="command-steps">
          {steps.map(({ title, where, commands, why }) => (
            <li key={title}>
              <Box variant="h3">{title}</Box>
              <Box color="text-body-secondary">{where}</Box>
              {why === undefined ? null : <div>{why}</div>}
              <CodeBlock label={`Commands: ${title}`} text={commands} />
            </li>
          ))}
        </ol>
      </Container>
      <ExpandableSection variant="container" headerText={`What is garbled in the AWS guide, and how it was repaired (${repairs.length})`} headingTagOverride="h2">
        <SpaceBetween size="m">
          {repairs.map(({ seed, problem, repair }) => (
            <div key={seed}>
              <Box variant="code"><span className="breakable">{seed}</span></Box>
              <div>{problem}</div>
              <div><strong>Here:</strong> {repair}</div>
            </div>
          ))}
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
