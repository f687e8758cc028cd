// Project files on the server's machine: those of its workspace, <workspace>/projects/<name>/project.yaml, and those that were opened where
// they are. A file is its own truth: it is read again with each question, so that whoever edits it by hand or checks it out is right.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { makeFolder, syncPath, writeError, writePrivately } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import { serverError } from '../errors.ts';
import { absolutePaths, checkDraft, MAX_PROJECT_BYTES } from '../project.ts';
import type { ProjectDraft } from '../project.ts';

const FILE = 'project.yaml';
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const NEW_FILE_MODE = 0o640;

export interface ProjectEntry {
  readonly name: string;
  readonly path: string;
  readonly isManaged: boolean;
}

/** A project file as it was read. */
export interface StoredProject extends ProjectEntry {
  readonly text: string;
  readonly version: string;
  readonly modifiedMillis: number;
  /** Or why it is none. */
  readonly draft: ProjectDraft | CodedError;
}

/** The mapping of a project, and the file that has it. */
export interface StoredMapping {
  readonly project: StoredProject;
  readonly draft: ProjectDraft;
  readonly path: string;
  readonly text: string;
  /** Of the project file and of that file. */
  readonly version: string;
  /** Where it is in that file. */
  readonly within: readonly string[];
}

export class ProjectStore {
  readonly #folder: string;
  readonly #listFile: string;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param workspace of the server. */
  constructor(workspace: string) {
    this.#folder = join(workspace, 'projects');
    this.#listFile = join(this.#folder, 'opened.json');
  }

  async list(): Promise<ProjectEntry[]> {
    const managed = existsSync(this.#folder) ? (await readdir(this.#folder, { withFileTypes: true })).filter((entry) => entry.isDirectory() && NAME.test(entry.name) && existsSync(join(this.#folder, entry.name, FILE))) : [];
    const opened = await this.#opened();
    return [...managed.map(({ name }) => ({ name, path: join(this.#folder, name, FILE), isManaged: true })), ...opened].toSorted((a, b) => a.name.localeCompare(b.name));
  }

  /** Throws PROJECT_UNKNOWN, PROJECT_UNREADABLE. */
  async read(name: string): Promise<StoredProject> {
    return readProjectFile(await this.#entry(name));
  }

  /** Throws PROJECT_EXISTS, PROJECT_INVALID, PROJECT_UNREADABLE, FILE_UNWRITABLE, DISK_FULL. */
  create(name: string, text: string): Promise<StoredProject> {
    return this.#inTurn(async () => {
      if (!NAME.test(name)) throw serverError('PROJECT_PATH_REFUSED', `"${name}" is no name of a project`);
      const folder = join(this.#folder, name);
      checkDraft(documentOf(text, name).toJS(), name);
      if (existsSync(join(folder, FILE)) || (await this.#opened()).some((project) => project.name === name)) throw serverError('PROJECT_EXISTS', `There is a project ${name} already`);
      await makeFolder(folder);
      await writeFileSafely(join(folder, FILE), text, NEW_FILE_MODE);
      return this.read(name);
    });
  }

  /** Throws PROJECT_PATH_REFUSED, PROJECT_EXISTS (another of this name), PROJECT_UNREADABLE, PROJECT_INVALID. */
  open(path: string): Promise<StoredProject> {
    return this.#inTurn(async () => {
      const place = await confined(path);
      const known = await this.list();
      const same = known.find((project) => project.path === place);
      if (same !== undefined) return this.read(same.name);
      const bare = basename(place).replace(/\.ya?ml$/i, '');
      const name = (bare === 'project' ? basename(dirname(place)) : bare).replaceAll(/[^A-Za-z0-9_-]/g, '-').replace(/^[_-]+/, '').slice(0, 64);
      if (!NAME.test(name)) throw serverError('PROJECT_PATH_REFUSED', 'The file has no name to call the project by', { file: path });
      if (known.some((project) => project.name === name)) throw serverError('PROJECT_EXISTS', `There is another project ${name} already`, { file: path });
      const project = await readProjectFile({ name, path: place, isManaged: false });
      if (project.draft instanceof CodedError) throw project.draft;
      await this.#remember([...(await this.#opened()), { name, path: place, isManaged: false }]);
      return project;
    });
  }

  /** Writes the text when the file still is the version that it was made of. Throws PROJECT_STALE, PROJECT_INVALID, PROJECT_UNREADABLE, FILE_UNWRITABLE, DISK_FULL. */
  save(name: string, version: string, text: string): Promise<StoredProject> {
    return this.#inTurn(async () => {
      const before = await this.read(name);
      if (before.version !== version) throw serverError('PROJECT_STALE', `${before.path} was changed after it was read here`);
      checkDraft(documentOf(text, before.path).toJS(), before.path);
      await writeFileSafely(before.path, text, (await stat(before.path)).mode & 0o777);
      return this.read(name);
    });
  }

  /** Changes a part of the file and leaves the rest, comments too, as it is. Throws what `save` throws. */
  async change(name: string, version: string, edit: (document: Document, draft: ProjectDraft) => void): Promise<StoredProject> {
    const { text, draft, path, version: current } = await this.read(name);
    if (current !== version) throw serverError('PROJECT_STALE', `${path} was changed after it was read here`);
    if (draft instanceof CodedError) throw draft;
    const document = documentOf(text, path);
    if (document.contents === null) document.contents = document.createNode({}) as never;
    edit(document, draft);
    return this.save(name, version, document.toString({ lineWidth: 0 }));
  }

  /** The mapping where the project has it: within, or in a file that it names. Throws PROJECT_INVALID, PROJECT_UNREADABLE. */
  async readMapping(name: string): Promise<StoredMapping> {
    const project = await this.read(name);
    const { draft, path, text, version } = project;
    if (draft instanceof CodedError) throw draft;
    if (typeof draft.mapping !== 'string') return { project, draft, path, text, version, within: ['mapping'] };
    const file = resolve(dirname(path), draft.mapping);
    const own = await readFile(file, 'utf8').catch((error: unknown) => {
      throw serverError('PROJECT_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file }, error);
    });
    documentOf(own, file);
    return { project, draft, path: file, text: own, version: `${version}-${versionOf(own)}`, within: [] };
  }

  /** Changes the mapping where it is; comments stay. `edit` gives what the document is then. Throws what `save` throws, PROJECT_PATH_REFUSED, and what `edit` throws. */
  async changeMapping(name: string, version: string, edit: (document: Document, stored: StoredMapping) => void): Promise<void> {
    const stored = await this.readMapping(name);
    const { path, text, project, within } = stored;
    if (stored.version !== version) throw serverError('PROJECT_STALE', `${path} was changed after it was read here`);
    if (within.length > 0) return void await this.change(name, project.version, (document) => edit(document, stored));
    const place = await confined(path);
    const document = documentOf(text, path);
    if (document.contents === null) document.contents = document.createNode({}) as never;
    edit(document, stored);
    await this.#inTurn(async () => {
      if ((await this.readMapping(name)).version !== version) throw serverError('PROJECT_STALE', `${path} was changed after it was read here`);
      await writeFileSafely(place, document.toString({ lineWidth: 0 }), (await stat(place)).mode & 0o777);
    });
  }

  /** The project as one file that means the same elsewhere on this machine: paths absolute, the mapping in it. */
  async export(name: string): Promise<string> {
    const { text, draft, path } = await this.read(name);
    if (draft instanceof CodedError) throw draft;
    const document = documentOf(text, path);
    for (const [place, value] of await absolutePaths(draft, path)) document.setIn(place, isMapOrList(value) ? document.createNode(value) : value);
    return document.toString({ lineWidth: 0 });
  }

  /** Takes a project that was opened where it is from the list; its file stays. */
  forget(name: string): Promise<void> {
    return this.#inTurn(async () => this.#remember((await this.#opened()).filter((project) => project.name !== name)));
  }

  /** Its folder in the workspace, or its file alone. Throws PROJECT_UNKNOWN, FILE_UNWRITABLE. */
  delete(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const { path, isManaged } = await this.#entry(name);
      try {
        await rm(isManaged ? dirname(path) : path, { recursive: isManaged });
      } catch (error) {
        throw writeError(path, error);
      }
      if (!isManaged) await this.#remember((await this.#opened()).filter((project) => project.name !== name));
    });
  }

  /** What is in the folder of a project of the workspace, beside its file. */
  async besides({ path, isManaged }: ProjectEntry): Promise<string[]> {
    return isManaged ? (await readdir(dirname(path))).filter((entry) => entry !== FILE).map((entry) => join(dirname(path), entry)) : [];
  }

  async #entry(name: string): Promise<ProjectEntry> {
    const entry = (await this.list()).find((project) => project.name === name);
    if (entry === undefined) throw serverError('PROJECT_UNKNOWN', `There is no project ${name}`);
    if (entry.isManaged && (await realpath(entry.path)) !== join(await realpath(this.#folder), entry.name, FILE)) throw serverError('PROJECT_PATH_REFUSED', 'The project file is a link', { file: entry.path });
    return entry;
  }

  async #opened(): Promise<ProjectEntry[]> {
    if (!existsSync(this.#listFile)) return [];
    const list = JSON.parse(await readFile(this.#listFile, 'utf8')) as { readonly name: string; readonly path: string }[];
    return list.map(({ name, path }) => ({ name, path, isManaged: false }));
  }

  async #remember(projects: readonly ProjectEntry[]): Promise<void> {
    await makeFolder(this.#folder);
    await writePrivately(this.#listFile, `${JSON.stringify(projects.map(({ name, path }) => ({ name, path })), undefined, 2)}\n`);
  }

  /** One change after the other: what is checked is still so when it is written. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** A list under `connections`, made when it is not there. */
export function connectionList(document: Document, side: 'sources' | 'targets'): { readonly items: unknown[] } {
  const there = document.getIn(['connections', side]);
  if (isSeq(there)) return there;
  const made = document.createNode([]);
  document.setIn(['connections', side], made);
  return made;
}

function isMapOrList(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function documentOf(text: string, path: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw serverError('PROJECT_UNREADABLE', error.message.split('\n')[0]!.replace(/:$/, ''), { file: path }, error);
  if (document.contents !== null && !isMap(document.contents)) throw serverError('PROJECT_INVALID', 'a project file is a map of keys', { file: path });
  return document as unknown as Document;
}

async function readProjectFile(entry: ProjectEntry): Promise<StoredProject> {
  const { path } = entry;
  try {
    const { size, mtimeMs } = await stat(path);
    if (size > MAX_PROJECT_BYTES) throw serverError('PROJECT_UNREADABLE', `${size} bytes are more than such a file can have`, { file: path });
    const text = await readFile(path, 'utf8');
    return { ...entry, text, version: versionOf(text), modifiedMillis: mtimeMs, draft: draftOf(text, path) };
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw serverError('PROJECT_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
  }
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function draftOf(text: string, path: string): ProjectDraft | CodedError {
  try {
    return checkDraft(documentOf(text, path).toJS(), path);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

async function confined(path: string): Promise<string> {
  const refuse = (why: string, cause?: unknown): Error => serverError('PROJECT_PATH_REFUSED', why, { file: path }, cause);
  if (!isAbsolute(path) || !/\.ya?ml$/i.test(path)) throw refuse('A project file has an absolute path that ends in .yaml or .yml');
  const found = await lstat(path).catch((error: unknown) => {
    throw serverError('PROJECT_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
  });
  if (!found.isFile()) throw refuse('This is not a plain file');
  return realpath(path);
}

/** Whole, on disk, or as it was before. */
async function writeFileSafely(path: string, text: string, mode: number): Promise<void> {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    const handle = await open(unfinished, 'w', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    await syncPath(dirname(path));
  } catch (error) {
    throw writeError(path, error);
  }
}
