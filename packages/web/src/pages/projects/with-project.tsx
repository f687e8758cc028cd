import type { ReactNode } from 'react';
import type { ProjectDetails } from '@aeneas/protocol';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { server } from '../../server.ts';
import { Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useAsked } from './asked.ts';

/** What is shown of a project once the server has told of it. */
export function WithProject({ name, children }: { readonly name: string; readonly children: (project: ProjectDetails, set: (project: ProjectDetails) => void) => ReactNode }) {
  const { value, problem, set } = useAsked(`project ${name}`, () => server.projects.get({ name }));
  if (value !== undefined) return children(value, set);
  if (problem === undefined) return <output>Asking the server for project {name} ...</output>;
  return (
    <SpaceBetween size="l">
      <h1>Project {name} cannot be shown</h1>
      <ProblemAlert title="The server refuses" problem={problem} />
      <Link to="/projects">All projects</Link>
    </SpaceBetween>
  );
}
