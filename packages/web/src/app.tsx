// The frame of every page: skip link, navigation, theme, the banner of a lost server; and which page is shown.

import Alert from '@cloudscape-design/components/alert';
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { moment } from './format.ts';
import { live, useLive } from './live.ts';
import { logOut, useLogin } from './login.ts';
import { useOffered } from './menu-actions.ts';
import type { NewProjectWay } from './pages/projects/new-project.tsx';
import { AGENTS, TASKS, usePlace } from './place.ts';
import type { Place } from './place.ts';
import { setTheme, THEMES, useTheme } from './theme.ts';
import type { Theme } from './theme.ts';
import { Announcer } from './ui/announcer.tsx';
import { followed } from './ui/link.tsx';
import { LoadFailure } from './ui/load-failure.tsx';
import { Menu } from './ui/menu.tsx';

const loadMigration = async () => ({ default: (await import('./pages/migration.tsx')).MigrationPage });
const loadTask = async () => ({ default: (await import('./pages/task.tsx')).TaskPage });
const loadNewTask = async () => ({ default: (await import('./pages/new-task.tsx')).NewTaskPage });
const loadAgent = async () => ({ default: (await import('./pages/agent.tsx')).AgentPage });
const loadNewAgent = async () => ({ default: (await import('./pages/new-agent.tsx')).NewAgentPage });
const loadProjects = async () => ({ default: (await import('./pages/projects/projects.tsx')).ProjectsPage });
const loadProject = async () => ({ default: (await import('./pages/projects/project.tsx')).ProjectPage });
const loadNewProject = async () => ({ default: (await import('./pages/projects/new-project.tsx')).NewProjectPage });
const loadAddSource = async () => ({ default: (await import('./pages/projects/add-source.tsx')).AddSourcePage });
const loadAddTarget = async () => ({ default: (await import('./pages/projects/add-target.tsx')).AddTargetPage });
const loadAssessment = async () => ({ default: (await import('./pages/assessment/assessment.tsx')).AssessmentPage });
const loadMapping = async () => ({ default: (await import('./pages/mapping/mapping.tsx')).MappingPage });
const loadRule = async () => ({ default: (await import('./pages/mapping/rule-form.tsx')).RulePage });
const loadSettings = async () => ({ default: (await import('./pages/settings/settings.tsx')).SettingsPage });
const loadPrerequisites = async () => ({ default: (await import('./pages/prerequisites/prerequisites.tsx')).PrerequisitesPage });
const LATER = [loadSettings, loadPrerequisites, loadAgent, loadMigration, loadTask, loadNewTask, loadNewAgent, loadProjects, loadProject, loadNewProject, loadAddSource, loadAddTarget, loadMapping, loadRule, loadAssessment];
const ProjectsPage = lazy(loadProjects);
const ProjectPage = lazy(loadProject);
const NewProjectPage = lazy(loadNewProject);
const AddSourcePage = lazy(loadAddSource);
const AddTargetPage = lazy(loadAddTarget);
const AssessmentPage = lazy(loadAssessment);
const MappingPage = lazy(loadMapping);
const RulePage = lazy(loadRule);
const SettingsPage = lazy(loadSettings);
const MigrationPage = lazy(loadMigration);
const TaskPage = lazy(loadTask);
const NewTaskPage = lazy(loadNewTask);
const AgentPage = lazy(loadAgent);
const NewAgentPage = lazy(loadNewAgent);
const PrerequisitesPage = lazy(loadPrerequisites);

type RouteName = 'migration' | 'task' | 'new-task' | 'agent' | 'new-agent' | 'prerequisites' | 'projects' | 'project' | 'add-source' | 'add-target' | 'assessment' | 'mapping' | 'new-mapping-rule' | 'new-project' | 'open-project' | 'import-project' | 'settings' | 'none';
const PLAIN_ROUTES: ReadonlySet<string> = new Set<RouteName>(['migration', 'new-task', 'new-agent', 'projects', 'new-project', 'open-project', 'import-project', 'prerequisites', 'settings']);

/** What a path shows, and the task, agent or project that it is about. */
function routeOf(path: string): { readonly name: RouteName; readonly task?: string; readonly about?: string } {
  const task = /^\/tasks\/([^/]+)\/?$/.exec(path)?.[1];
  const agent = /^\/agents\/([^/]+)\/?$/.exec(path)?.[1];
  const [, project, part] = /^\/projects\/([^/]+)(?:\/(add-source|add-target|assessment|mapping|new-mapping-rule))?\/?$/.exec(path) ?? [];
  if (task !== undefined) return { name: 'task', task: decoded(task) };
  if (agent !== undefined) return { name: 'agent', about: decoded(agent) };
  if (project !== undefined) return { name: (part ?? 'project') as RouteName, about: decoded(project) };
  return { name: PLAIN_ROUTES.has(path.slice(1)) ? path.slice(1) as RouteName : 'none' };
}

/** An address that is not encoded as it should be is no task's. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function App() {
  const place = usePlace();
  const { name, task, about } = routeOf(place.path);
  const main = useRef<HTMLElement>(null);
  const readPath = useRef(place.path);
  useEffect(() => {
    live.watch(task);
  }, [task]);
  useEffect(() => {
    const onVisibility = (): void => (document.hidden ? live.pause() : live.resume());
    document.addEventListener('visibilitychange', onVisibility);
    // What the other pages need comes while the user reads this one: a server that is lost later does not keep him from them.
    const later = setTimeout(() => void Promise.all(LATER.map((load) => load())).catch(() => {}), 1_500);
    return () => {
      clearTimeout(later);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, []);
  // A new page is read from its beginning.
  useEffect(() => {
    if (readPath.current === place.path) return;
    readPath.current = place.path;
    main.current?.focus();
    window.scrollTo(0, 0);
  }, [place.path]);
  return (
    <>
      <a className="skip-link" href="#main">Skip to the content</a>
      <TopBar current={name} isOnAgents={/agent/.test(name) || (name === 'migration' && place.query.get('tab') === 'agents')} />
      <main id="main" tabIndex={-1} ref={main}>
        <LostServer />
        <LoadFailure key={place.path}>
          <Suspense fallback={<output>Loading ...</output>}>{pageOf(name, task ?? about, place)}</Suspense>
        </LoadFailure>
      </main>
      <Announcer />
    </>
  );
}

/** @param of the task, agent or project that it is about. */
function pageOf(name: RouteName, of: string | undefined, place: Place): ReactNode {
  if (name === 'migration') return <MigrationPage place={place} />;
  if (name === 'task') return <TaskPage key={of} id={of!} place={place} />;
  if (name === 'new-task') return <NewTaskPage />;
  if (name === 'agent') return <AgentPage key={of} name={of!} />;
  if (name === 'new-agent') return <NewAgentPage />;
  if (name === 'prerequisites') return <PrerequisitesPage place={place} />;
  if (name === 'settings') return <SettingsPage place={place} />;
  if (name === 'projects') return <ProjectsPage place={place} />;
  if (name === 'project') return <ProjectPage key={of} name={of!} place={place} />;
  if (name === 'add-source') return <AddSourcePage key={of} name={of!} place={place} />;
  if (name === 'add-target') return <AddTargetPage key={of} name={of!} place={place} />;
  if (name === 'assessment') return <AssessmentPage key={of} name={of!} place={place} />;
  if (name === 'mapping') return <MappingPage key={of} name={of!} />;
  if (name === 'new-mapping-rule') return <RulePage key={of} name={of!} place={place} />;
  if (name !== 'none') return <NewProjectPage key={name} way={name.replace('-project', '') as NewProjectWay} />;
  return <Alert type="info" header={<h1>There is nothing here</h1>} statusIconAriaLabel="Info">No page has the address {place.path}.</Alert>;
}

/** The menus of the seed, under their names. What only some pages can do is there while one of them is shown. */
function TopBar({ current, isOnAgents }: { readonly current: RouteName; readonly isOnAgents: boolean }) {
  const theme = useTheme();
  const login = useLogin();
  const { file, actions, addSource, addTarget, assessment } = useOffered();
  const link = (text: string, to: string, isCurrent = false) => <a href={to} onClick={(event) => click(event, to)} {...(isCurrent ? { 'aria-current': 'page' as const } : {})}>{text}</a>;
  return (
    <header className="top-bar">
      <a className="brand" href="/projects" onClick={(event) => click(event, '/projects')}><Logo />Aeneas</a>
      <Menu name="File" items={[{ text: 'New project', to: '/new-project' }, { text: 'Open', to: '/open-project' }, ...file.filter(({ text }) => text !== 'Export'), { text: 'Import', to: '/import-project' }, ...file.filter(({ text }) => text === 'Export')]} />
      <Menu name="Settings" items={[{ text: 'Global Settings', to: '/settings' }]} />
      <Menu name="View" items={[{ text: 'Main view', to: '/projects' }, ...(assessment === undefined ? [] : [{ text: 'Assessment report', to: assessment }]), { text: 'Data migration view', to: TASKS }]} />
      {actions.length === 0 ? null : <Menu name="Actions" items={actions} />}
      <nav aria-label="Pages">
        {addSource === undefined ? null : link('Add source', addSource)}
        {addTarget === undefined ? null : link('Add target', addTarget)}
        {link('Projects', '/projects', /project|add-|mapping|assessment/.test(current))}
        {link('Tasks', TASKS, /task|migration/.test(current) && !isOnAgents)}
        {link('Agents', AGENTS, isOnAgents)}
        {link('Prerequisites', '/prerequisites', current === 'prerequisites')}
      </nav>
      <label>Theme
        <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          {THEMES.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
      </label>
      {login === 'in' ? <button type="button" onClick={() => void logOut()}>Log out</button> : null}
    </header>
  );
}

function Logo() {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b5cad" />
      <path d="M8 24 16 7l8 17M11.5 18.5h9" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** A click that asks for a new tab or window is the browser's. */
function click(event: React.MouseEvent, to: string): void {
  if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) followed(event, to);
}

function LostServer() {
  const { connection, heardMillis, overview } = useLive();
  const engine = overview?.server.engine.state;
  if (connection === 'lost') {
    return (
      <div className="banner" role="alert">
        <Alert type="warning" header="The server does not answer" statusIconAriaLabel="Warning">
          {overview === undefined ? 'It is asked again until it does.' : `What you see is as of ${moment(heardMillis)}. The page connects again by itself.`} If it stays away, see whether &quot;aeneas serve&quot; runs: started again, it
          goes on with its tasks by itself.
        </Alert>
      </div>
    );
  }
  if (engine !== 'down') return null;
  return (
    <div className="banner" role="alert">
      <Alert type="warning" header="The workflow engine is being restarted" statusIconAriaLabel="Warning">Running tasks go on once it is back, within seconds.</Alert>
    </div>
  );
}
