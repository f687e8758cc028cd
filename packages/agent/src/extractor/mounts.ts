// All mounts of the settings at once: -mnt and --unmount.

import { CodedError } from '@aeneas/cassandra';
import type { AgentSettings } from '../service/settings.ts';
import { mountState } from './mount-state.ts';
import { mount, unmount } from './mount.ts';
import type { NodeDirectory, NodeSettings } from './nodes.ts';
import type { ExtractorPaths } from './paths.ts';
import type { SealedSecrets } from './sealed.ts';

/** Mounts what is not mounted, and anew what is lost. False when something could not be mounted; then `say` has told why. */
export async function mountAll(settings: AgentSettings, secrets: SealedSecrets, paths: ExtractorPaths, say: (text: string) => void): Promise<boolean> {
  let isComplete = true;
  say('===== Mounting process started =====');
  for (const node of settings.nodes) {
    if (node.access !== 'mount') continue;
    say(`Node [${node.ip}] mounting started.`);
    for (const directory of settings.nodeDirectories.filter((other) => other.node === node.ip)) {
      if ((await mountState(directory)) === 'mounted') say(`${directory.local} is mounted already.`);
      else isComplete = await remount(node, directory, secrets, paths, say) && isComplete;
    }
  }
  say('===== Mounting process was over =====');
  return isComplete;
}

export async function unmountAll({ nodeDirectories }: AgentSettings, say: (text: string) => void): Promise<void> {
  for (const directory of nodeDirectories) {
    if (directory.access !== 'mount') continue;
    await unmount(directory, (await mountState(directory)) === 'lost');
    say(`${directory.local} is not mounted.`);
  }
}

/** Takes away what is left of a mount and makes it again; tells whether that went well. */
export async function remount(node: NodeSettings, directory: NodeDirectory, secrets: SealedSecrets, paths: ExtractorPaths, say: (text: string) => void): Promise<boolean> {
  try {
    await unmount(directory, true);
    await mount(node, directory, secrets, paths, say);
    return true;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    say(error.line());
    return false;
  }
}
