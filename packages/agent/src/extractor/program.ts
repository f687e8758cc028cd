// What each command of cassandra-data-extractor does.

import { readFile } from 'node:fs/promises';
import { agentError } from '../errors.ts';
import { readAgentSettings } from '../service/settings.ts';
import type { AgentSettings } from '../service/settings.ts';
import { AGENT_VERSION } from '../version.ts';
import type { CommandLine } from './command-line.ts';
import { configure } from './configure.ts';
import { openConsole } from './console.ts';
import { extractorError } from './errors.ts';
import { mountAll, unmountAll } from './mounts.ts';
import { isRoot } from './owner.ts';
import { extractorPaths } from './paths.ts';
import type { ExtractorPaths } from './paths.ts';
import { SealedSecrets } from './sealed.ts';

const DONE = 0;
const FINDINGS = 1;

/** The exit code. Throws CodedErrors. */
export async function runExtractor(line: CommandLine): Promise<number> {
  const paths = extractorPaths(line.root);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  switch (line.action) {
    case 'help': return DONE;
    case 'version':
      say(AGENT_VERSION);
      return DONE;
    case 'configure': {
      needRoot();
      const console = openConsole();
      try {
        return await configure({ ...line, paths, console }) ? DONE : FINDINGS;
      } finally {
        console.close();
      }
    }
    case 'mount':
      needRoot();
      return await mountAll(await mountableSettings(paths), await SealedSecrets.open(paths), paths, say) ? DONE : FINDINGS;
    case 'unmount':
      needRoot();
      await unmountAll(await mountableSettings(paths), say);
      return DONE;
    case 'watch-mounts':
      needRoot();
      return (await import('./watch-mounts.ts')).watchMounts(await mountableSettings(paths), await SealedSecrets.open(paths), paths);
    case 'run': return (await import('./run.ts')).runService(await settingsOf(paths), paths);
    case 'status': {
      const settings = await settingsOf(paths);
      return (await import('./status.ts')).showStatus(settings, await (await import('./run.ts')).sftpNodes(settings, paths), line.json);
    }
  }
}

function needRoot(): void {
  if (!isRoot()) throw extractorError('EXTRACTOR_NOT_ROOT', 'This needs the rights of root');
}

async function settingsOf({ settings }: ExtractorPaths): Promise<AgentSettings> {
  const error = await readFile(settings).then(() => undefined, (reason: NodeJS.ErrnoException) => reason);
  if (error?.code === 'ENOENT') throw agentError('AGENT_NOT_CONFIGURED', 'This agent is not configured yet', { file: settings });
  if (error?.code === 'EACCES') throw extractorError('EXTRACTOR_NOT_ROOT', 'The settings may be read by root and the service only', { file: settings });
  return readAgentSettings(settings);
}

/** The settings belong to the service's user. Where root mounts is not for that user to choose. */
async function mountableSettings(paths: ExtractorPaths): Promise<AgentSettings> {
  const settings = await settingsOf(paths);
  if (settings.mountDirectory !== paths.mountDirectory) {
    throw agentError('AGENT_SETTINGS_INVALID', `"mountDirectory" is ${settings.mountDirectory}, but nodes are mounted in ${paths.mountDirectory} only`, { file: paths.settings });
  }
  return settings;
}
