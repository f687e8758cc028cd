// A project: source on the left, target on the right, and its file.

import { useEffect, useState } from 'react';
import type { ConnectionSecrets, ConnectionSide, ConnectionTree, ProjectDetails, SecretName } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useOffer } from '../../menu-actions.ts';
import type { MenuAction } from '../../menu-actions.ts';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { followed, Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useTitle } from '../../ui/title.ts';
import { AwsProfileChoice } from './aws-profile-choice.tsx';
import { DeleteProject } from './delete-project.tsx';
import { editPath, mappingPath, projectPath, rulePath } from './paths.ts';
import { ProjectFileTab, useFileDraft } from './project-file.tsx';
import { SecretsDialog } from './secrets-dialog.tsx';
import { SideTree } from './side-tree.tsx';
import type { SideState } from './side-tree.tsx';
import { WithProject } from './with-project.tsx';

const SIDES = ['sources', 'targets'] as const;

export function ProjectPage({ name, place }: { readonly name: string; readonly place: Place }) {
  return <WithProject name={name}>{(project, set) => <ProjectView project={project} setProject={set} place={place} />}</WithProject>;
}

/** What is known of the connections, by side and name. */
interface Known { readonly tree?: ConnectionTree; readonly problem?: Problem; readonly isBusy?: boolean }

function ProjectView({ project, setProject, place }: { readonly project: ProjectDetails; readonly setProject: (project: ProjectDetails) => void; readonly place: Place }) {
  const { name } = project;
  useTitle(`Project ${name}`);
  const [known, setKnown] = useState<Readonly<Record<string, Known>>>({});
  const [asking, setAsking] = useState<{ readonly side: ConnectionSide; readonly connection: string; readonly needs: readonly SecretName[] }>();
  const [dialog, setDialog] = useState<'delete' | { readonly side: ConnectionSide; readonly connection: string }>();
  const [problem, setProblem] = useState<Problem>();
  const draft = useFileDraft(project, setProject);
  const keep = (side: ConnectionSide, connection: string, one: Known): void => setKnown((before) => ({ ...before, [`${side}.${connection}`]: one }));
  const stateOf = (side: ConnectionSide, connection: string) => project[side].find((one) => one.connection.name === connection);
  const reload = async (): Promise<void> => setProject(await server.projects.get({ name }));

  const connect = async (side: ConnectionSide, connection: string, secrets?: ConnectionSecrets): Promise<void> => {
    const { needs = [] } = stateOf(side, connection) ?? {};
    if (secrets === undefined && needs.length > 0) return setAsking({ side, connection, needs });
    keep(side, connection, { ...known[`${side}.${connection}`], isBusy: true });
    try {
      const tree = await server.projects.connect({ name, side, connection, secrets: secrets ?? {} });
      keep(side, connection, { tree });
      setAsking(undefined);
      await reload();
    } catch (error) {
      const refusal = problemOf(error);
      keep(side, connection, { problem: refusal });
      // A remembered password that is refused is asked for anew.
      if (secrets === undefined && refusal.code.endsWith('LOGIN_REFUSED')) setAsking({ side, connection, needs: [side === 'sources' ? 'password' : 'secretKey'] });
    }
    return undefined;
  };
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      setProblem(undefined);
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };

  // After a reload: what is connected is shown again. After Add source with a wrong password: it is asked for.
  const wanted = place.query.get('connect');
  useEffect(() => {
    for (const side of SIDES) {
      for (const { connection, isConnected } of project[side]) {
        if (isConnected && known[`${side}.${connection.name}`] === undefined) {
          server.projects.tree({ name, side, connection: connection.name }).then((tree) => keep(side, connection.name, { tree }), (error: unknown) => keep(side, connection.name, { problem: problemOf(error) }));
        }
        if (wanted === `${side}.${connection.name}`) void connect(side, connection.name);
      }
    }
    if (wanted !== null) go(withQuery(place, { connect: undefined }), 'replace');
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [project.version, name]);

  const chosen = SIDES.flatMap((side) => {
    const id = place.query.get(side === 'sources' ? 'source' : 'target');
    const connection = id === null ? undefined : decodeURIComponent(id.split('/')[0]!);
    return connection !== undefined && stateOf(side, connection) !== undefined ? [{ side, connection }] : [];
  });
  const actions = chosen.flatMap(({ side, connection }): MenuAction[] => [
    { text: `${stateOf(side, connection)!.isConnected ? 'Refresh' : 'Connect'} ${connection}`, run: () => void connect(side, connection) },
    ...(stateOf(side, connection)!.isConnected ? [{ text: `Disconnect ${connection}`, run: () => void act(async () => {
      await server.projects.disconnect({ name, side, connection });
      keep(side, connection, {});
      await reload();
    }) }] : []),
    { text: `Edit ${connection}`, to: editPath(name, side, connection) },
    { text: `Remove ${connection}`, run: () => setDialog({ side, connection }) },
  ]);
  const addSource = `${projectPath(name, 'add-source')}?step=choose`;
  const addTarget = `${projectPath(name, 'add-target')}?step=choose`;
  const assessment = projectPath(name, 'assessment');
  useOffer({
    file: [
      ...(draft.isChanged ? [{ text: 'Save', run: () => void draft.save() }] : []),
      { text: 'Close', run: () => void act(async () => {
        await server.projects.close({ name });
        go('/projects');
      }) },
      { text: 'Export', run: () => void act(async () => download(await server.projects.export({ name }))) },
    ],
    actions: [{ text: 'New mapping rule', to: rulePath(name) }, { text: 'Mapping rules', to: mappingPath(name) }, ...actions], addSource, addTarget, assessment,
  }, `${name} ${project.version} ${draft.text} ${draft.values.version} ${JSON.stringify(chosen)} ${SIDES.flatMap((side) => project[side].map(({ isConnected, needs }) => `${isConnected}${needs.join('')}`)).join(' ')}`);

  const sideOf = (side: ConnectionSide): SideState[] => project[side].map(({ connection, isConnected }) => {
    const { tree, isBusy = false, problem: refusal } = known[`${side}.${connection.name}`] ?? {};
    return { name: connection.name, isConnected, tree: isConnected ? tree : undefined, isBusy, problem: asking?.connection === connection.name ? undefined : refusal };
  });
  const tree = (side: ConnectionSide, addPath: string) => (
    <SideTree project={name} side={side} connections={sideOf(side)} place={place} addPath={addPath} onConnect={(connection) => void connect(side, connection)}
      describe={(connection, { kind, ...node }) => server.projects.describe({ name, side, connection, kind: kind as 'table', ...node })} />
  );
  const tab = place.query.get('tab') === 'file' ? 'file' : 'trees';
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to="/projects">All projects</Link></nav>
      <Header variant="h1" description={project.path} actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button href={assessment} onFollow={(event) => followed(event, assessment)}>Assessment report</Button>
          <Button href={mappingPath(name)} onFollow={(event) => followed(event, mappingPath(name))}>Mapping rules</Button>
          <Button onClick={() => setDialog('delete')}>Delete project</Button>
        </SpaceBetween>
      }>{name}</Header>
      {project.problem === undefined ? null : <ProblemAlert title="The project file cannot be used as it is" problem={project.problem} />}
      {problem === undefined ? null : <ProblemAlert title="That was refused" problem={problem} onDismiss={() => setProblem(undefined)} />}
      <Tabs
        ariaLabel="What is shown of the project"
        activeTabId={tab}
        onChange={({ detail }) => go(withQuery(place, { tab: detail.activeTabId === 'trees' ? undefined : detail.activeTabId }))}
        tabs={[
          { id: 'trees', label: 'Source and target', content: <SpaceBetween size="l"><div className="sides">{tree('sources', addSource)}{tree('targets', addTarget)}</div><AwsProfileChoice project={project} onSaved={setProject} /></SpaceBetween> },
          { id: 'file', label: 'Project file', content: <ProjectFileTab project={project} draft={draft} /> },
        ]}
      />
      {asking === undefined ? null : (
        <SecretsDialog connection={asking.connection} needs={asking.needs} isBusy={known[`${asking.side}.${asking.connection}`]?.isBusy ?? false} problem={known[`${asking.side}.${asking.connection}`]?.problem}
          onConnect={(secrets) => void connect(asking.side, asking.connection, secrets)} onClose={() => setAsking(undefined)} />
      )}
      {dialog === 'delete' ? <DeleteProject name={name} onClose={() => setDialog(undefined)} /> : null}
      {typeof dialog === 'object' ? <RemoveConnection project={project} {...dialog} onRemoved={setProject} onClose={() => setDialog(undefined)} /> : null}
    </SpaceBetween>
  );
}

function RemoveConnection({ project, side, connection, onRemoved, onClose }: { readonly project: ProjectDetails; readonly side: ConnectionSide; readonly connection: string; readonly onRemoved: (project: ProjectDetails) => void; readonly onClose: () => void }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      onRemoved(await server.projects.removeConnection({ name: project.name, side, connection, version: project.version }));
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog title={`Remove ${connection}?`} verb="Remove" isBusy={isBusy} problem={problem} onConfirm={() => void remove()} onClose={onClose}>
      <Box>The project forgets the connection {connection} and its stored passwords. Nothing is changed at the other end.</Box>
    </ConfirmDialog>
  );
}

function download({ fileName, text }: { readonly fileName: string; readonly text: string }): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
