export const projectPath = (name: string, part = ''): string => `/projects/${encodeURIComponent(name)}${part === '' ? '' : `/${part}`}`;

/** The form of a connection that exists. */
export const editPath = (project: string, side: 'sources' | 'targets', connection: string): string =>
  `${projectPath(project, side === 'sources' ? 'add-source' : 'add-target')}?edit=${encodeURIComponent(connection)}`;
