// The contract of mapping rules, answered. This only translates.

import { mappingContract } from '@aeneas/protocol';
import { implement } from '@orpc/server';
import type { MappingRules } from './mapping-rules.ts';

export function mappingRouter(rules: MappingRules) {
  const api = implement(mappingContract);
  return api.router({
    get: api.get.handler(({ input }) => rules.get(input.name)),
    change: api.change.handler(({ input: { name, version, change } }) => rules.change(name, version, change)),
    matches: api.matches.handler(({ input: { name, ...rule } }) => rules.matches(name, rule)),
    preview: api.preview.handler(({ input }) => rules.preview(input)),
    samples: api.samples.handler(({ input, signal }) => rules.samples(input, signal)),
  });
}
