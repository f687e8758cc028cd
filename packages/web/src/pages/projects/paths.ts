export const projectPath = (name: string, part = ''): string => `/projects/${encodeURIComponent(name)}${part === '' ? '' : `/${part}`}`;

/** The form of a connection that exists. */
export const editPath = (project: string, side: 'sources' | 'targets', connection: string): string =>
  `${projectPath(project, side === 'sources' ? 'add-source' : 'add-target')}?edit=${encodeURIComponent(connection)}`;

export const mappingPath = (project: string): string => projectPath(project, 'mapping');

/** The form of a new mapping rule, or of the one at a place of the list. */
export const rulePath = (project: string, index?: number): string => `${projectPath(project, 'new-mapping-rule')}${index === undefined ? '' : `?edit=${index + 1}`}`;
