#!/usr/bin/env node
// Type stripping needs Node 24; `npm ci` brings one, and npx and npm run put it first on the PATH.
// Started by an older Node (a full path, say), we hand over to that bundled one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Sources run as they are; the cache keeps them stripped and compiled, which is most of the start-up time.
  module.enableCompileCache();
  await import('../src/main.ts');
} else {
  const bundled = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(bundled)) {
    process.stderr.write(`NODE_TOO_OLD: this is Node ${process.versions.node}. Run "npm ci" in the checkout: it brings Node 24.\n`);
    process.exit(2);
  }
  const child = spawnSync(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(child.status ?? 1);
}
