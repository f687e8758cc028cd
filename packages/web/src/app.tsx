// The frame of every page: skip link, navigation, theme, the banner of a lost server; and which page is shown.

import Alert from '@cloudscape-design/components/alert';
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { moment } from './format.ts';
import { live, useLive } from './live.ts';
import { usePlace } from './place.ts';
import type { Place } from './place.ts';
import { setTheme, THEMES, useTheme } from './theme.ts';
import type { Theme } from './theme.ts';
import { Announcer } from './ui/announcer.tsx';
import { followed } from './ui/link.tsx';
import { LoadFailure } from './ui/load-failure.tsx';

const loadTasks = async () => ({ default: (await import('./pages/tasks.tsx')).TasksPage });
const loadTask = async () => ({ default: (await import('./pages/task.tsx')).TaskPage });
const loadNewTask = async () => ({ default: (await import('./pages/new-task.tsx')).NewTaskPage });
const loadAgents = async () => ({ default: (await import('./pages/agents.tsx')).AgentsPage });
const loadAgent = async () => ({ default: (await import('./pages/agent.tsx')).AgentPage });
const loadNewAgent = async () => ({ default: (await import('./pages/new-agent.tsx')).NewAgentPage });
const loadPrerequisites = async () => ({ default: (await import('./pages/prerequisites/prerequisites.tsx')).PrerequisitesPage });
const loadSettings = async () => ({ default: (await import('./pages/settings/settings.tsx')).SettingsPage });
const TasksPage = lazy(loadTasks);
const TaskPage = lazy(loadTask);
const NewTaskPage = lazy(loadNewTask);
const AgentsPage = lazy(loadAgents);
const AgentPage = lazy(loadAgent);
const NewAgentPage = lazy(loadNewAgent);
const PrerequisitesPage = lazy(loadPrerequisites);
const SettingsPage = lazy(loadSettings);

/** What a path shows, and the task or agent that it is about. */
function routeOf(path: string): { readonly name: 'tasks' | 'task' | 'new-task' | 'agents' | 'agent' | 'new-agent' | 'prerequisites' | 'settings' | 'none'; readonly task?: string; readonly agent?: string } {
  const task = /^\/tasks\/([^/]+)\/?$/.exec(path)?.[1];
  if (path === '/' || /^\/tasks\/?$/.test(path)) return { name: 'tasks' };
  if (task !== undefined) return { name: 'task', task: decoded(task) };
  if (path === '/new-task') return { name: 'new-task' };
  if (path === '/agents') return { name: 'agents' };
  const agent = /^\/agents\/([^/]+)\/?$/.exec(path)?.[1];
  if (agent !== undefined) return { name: 'agent', agent: decoded(agent) };
  if (path === '/prerequisites') return { name: 'prerequisites' };
  if (path === '/settings') return { name: 'settings' };
  return { name: path === '/new-agent' ? 'new-agent' : 'none' };
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
  const { name, task, agent } = routeOf(place.path);
  const main = useRef<HTMLElement>(null);
  const readPath = useRef(place.path);
  useEffect(() => {
    live.watch(task);
  }, [task]);
  useEffect(() => {
    const onVisibility = (): void => (document.hidden ? live.pause() : live.resume());
    document.addEventListener('visibilitychange', onVisibility);
    // What the other pages need comes while the user reads this one: a server that is lost later does not keep him from them.
    const later = setTimeout(() => void Promise.all([loadTasks(), loadTask(), loadNewTask(), loadAgents(), loadAgent(), loadNewAgent(), loadPrerequisites(), loadSettings()]).catch(() => {}), 1_500);
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
      <TopBar current={name} />
      <main id="main" tabIndex={-1} ref={main}>
        <LostServer />
        <LoadFailure key={place.path}>
          <Suspense fallback={<output>Loading ...</output>}>{pageOf(name, task ?? agent, place)}</Suspense>
        </LoadFailure>
      </main>
      <Announcer />
    </>
  );
}

function pageOf(name: ReturnType<typeof routeOf>['name'], about: string | undefined, place: Place): ReactNode {
  if (name === 'tasks') return <TasksPage place={place} />;
  if (name === 'task') return <TaskPage key={about} id={about!} place={place} />;
  if (name === 'new-task') return <NewTaskPage />;
  if (name === 'agents') return <AgentsPage place={place} />;
  if (name === 'agent') return <AgentPage key={about} name={about!} />;
  if (name === 'new-agent') return <NewAgentPage />;
  if (name === 'prerequisites') return <PrerequisitesPage place={place} />;
  if (name === 'settings') return <SettingsPage place={place} />;
  return <Alert type="info" header={<h1>There is nothing here</h1>} statusIconAriaLabel="Info">No page has the address {place.path}.</Alert>;
}

function TopBar({ current }: { readonly current: string }) {
  const theme = useTheme();
  return (
    <header className="top-bar">
      <a className="brand" href="/tasks" onClick={(event) => click(event, '/tasks')}><Logo />Aeneas</a>
      <nav aria-label="Pages">
        <a href="/tasks" onClick={(event) => click(event, '/tasks')} {...(/task/.test(current) ? { 'aria-current': 'page' as const } : {})}>Tasks</a>
        <a href="/agents" onClick={(event) => click(event, '/agents')} {...(/agent/.test(current) ? { 'aria-current': 'page' as const } : {})}>Agents</a>
        <a href="/prerequisites" onClick={(event) => click(event, '/prerequisites')} {...(current === 'prerequisites' ? { 'aria-current': 'page' as const } : {})}>Prerequisites</a>
        <a href="/settings" onClick={(event) => click(event, '/settings')} {...(current === 'settings' ? { 'aria-current': 'page' as const } : {})}>Settings</a>
      </nav>
      <label>Theme
        <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          {THEMES.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
      </label>
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
