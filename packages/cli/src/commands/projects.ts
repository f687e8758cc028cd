// `aeneas project`: what the File menu of the web app does.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cliError } from '../errors.ts';
import { DONE, UNUSABLE } from '../exit.ts';
import { askServer } from '../server-client.ts';

export interface ServerFlags {
  readonly server: string;
  readonly json?: boolean;
}

export async function listProjects(flags: ServerFlags): Promise<number> {
  const projects = await askServer(flags.server, (api) => api.projects.list());
  show(flags, projects, projects.map(({ name, path, sources, targets, problem }) => `${name.padEnd(24)} ${problem === undefined ? `${sources} sources, ${targets} targets` : `${problem.code}: ${problem.message}`}  ${path}\n`).join(''));
  return DONE;
}

export async function createProject(name: string, flags: ServerFlags): Promise<number> {
  const project = await askServer(flags.server, (api) => api.projects.create({ name }));
  show(flags, project, `${project.path}\n`);
  return DONE;
}

export async function openProject(file: string, flags: ServerFlags): Promise<number> {
  const project = await askServer(flags.server, (api) => api.projects.open({ path: resolve(file) }));
  show(flags, project, `${project.name}\n`);
  return DONE;
}

export async function closeProject(name: string, flags: ServerFlags): Promise<number> {
  await askServer(flags.server, (api) => api.projects.close({ name }));
  show(flags, { name }, `${name} closed\n`);
  return DONE;
}

export async function exportProject(name: string, flags: ServerFlags): Promise<number> {
  const exported = await askServer(flags.server, (api) => api.projects.export({ name }));
  show(flags, exported, exported.text);
  return DONE;
}

export async function importProject(name: string, file: string, flags: ServerFlags): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw cliError('USAGE', `the file cannot be read: ${(error as Error).message}`, {}, error);
  });
  const project = await askServer(flags.server, (api) => api.projects.create({ name, text }));
  show(flags, project, `${project.path}\n`);
  return DONE;
}

export async function associateProject(name: string, profile: string | undefined, flags: ServerFlags & { readonly none?: boolean }): Promise<number> {
  if (profile !== undefined && flags.none === true) throw cliError('USAGE', 'give a profile or --none');
  const project = await askServer(flags.server, async (api) => {
    const now = await api.projects.get({ name });
    if (profile === undefined && flags.none !== true) return now;
    return api.projects.setAwsServiceProfile({ name, version: now.version, profile: profile ?? null });
  });
  show(flags, { name, awsServiceProfile: project.awsServiceProfile ?? null }, `${project.awsServiceProfile ?? 'none'}\n`);
  return DONE;
}

/** Without --yes nothing is deleted, and the exit code says so. */
export async function deleteProject(name: string, flags: ServerFlags & { readonly yes?: boolean }): Promise<number> {
  const consequences = await askServer(flags.server, (api) => api.projects.deletion({ name }));
  if (flags.yes !== true) {
    show(flags, consequences, `This would be deleted:\n${lines(consequences.goes)}This stays:\n${lines(consequences.stays)}Nothing was deleted; add --yes to do it.\n`);
    return UNUSABLE;
  }
  await askServer(flags.server, (api) => api.projects.delete({ name }));
  show(flags, consequences, `Deleted:\n${lines(consequences.goes)}`);
  return DONE;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `  ${text}\n`).join('');
}

export function show({ json }: ServerFlags, value: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text);
}
