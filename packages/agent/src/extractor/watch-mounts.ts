// What the service of the mounts runs, as root: mounts everything, watches it, and mounts anew what was lost. The agent itself has no rights
// to mount; it only sees whether the mounts answer.

import type { AgentSettings } from '../service/settings.ts';
import { openLog } from './log.ts';
import { MountWatch } from './mount-watch.ts';
import { remount } from './mounts.ts';
import type { ExtractorPaths } from './paths.ts';
import type { SealedSecrets } from './sealed.ts';
import { untilStopped } from './stopping.ts';

/** Until SIGTERM or Ctrl-C; mounts stay. */
export async function watchMounts(settings: AgentSettings, secrets: SealedSecrets, paths: ExtractorPaths): Promise<number> {
  const log = openLog();
  const watch = new MountWatch(settings.nodeDirectories, (directory) => {
    const node = settings.nodes.find(({ ip }) => ip === directory.node)!;
    return remount(node, directory, secrets, paths, (text) => log('mounting', { directory: directory.local, text }));
  });
  watch.on('change', ({ directory: { node, remote, local }, state }) => log(`mount ${state}`, { node, remote, local }));
  log('watching mounts', { count: watch.mounts.length });
  void watch.start();
  await untilStopped();
  await watch.stop();
  log('stopped', {});
  return 0;
}
