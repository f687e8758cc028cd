// Debian's own eye on the package, and man's on its page. What does not apply is named in the package's overrides, with the reason.

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../aeneas-process.ts';
import { builtPackage, NEW } from './packages.ts';

test('lintian has no complaint', () => {
  const { status, stdout } = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', builtPackage('deb', NEW)], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test('the page is shown without warnings, and names every command', () => {
  const page = join(ROOT, 'tools/packaging/files/cassandra-data-extractor.8');
  const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', page], { encoding: 'utf8', env: { ...process.env, MANWIDTH: '100', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' } });
  expect(stderr).toBe('');
  const help = execFileSync(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'packages/agent/src/extractor/main.ts'), '--configure', '--help']).toString();
  // Every option that --help has.
  for (const [option] of help.matchAll(/--[a-z][a-z-]+/g)) expect(stdout).toContain(option);
  for (const command of ['-mnt', '--unmount', 'status', 'run', 'watch-mounts']) expect(stdout).toContain(command);
});
