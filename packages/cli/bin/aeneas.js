import module from 'node:module';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`NODE_TOO_OLD: this is Node ${process.versions.node}. Start it as "npx aeneas" in the checkout, after "npm ci": that brings Node 24.\n`);
  process.exit(2);
}
// Sources run as they are; the cache keeps them stripped and compiled, which is most of the start-up time.
module.enableCompileCache();
await import('../src/main.ts');
