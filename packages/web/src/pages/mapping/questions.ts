// What the form asks the server while somebody types.

import type { MappingMatches, MappingPreview, MappingSamples, WireRule } from '@aeneas/protocol';
import { server } from '../../server.ts';

export interface RuleQuestion {
  readonly name: string;
  readonly rule: WireRule;
  readonly index?: number;
  /** Empty: none yet. */
  readonly table: string;
}

export function askMatches(question: { readonly name: string; readonly source: string; readonly datacenter?: string; readonly table: string }, signal: AbortSignal): Promise<MappingMatches | undefined> {
  return question.source === '' ? Promise.resolve(undefined) : server.mapping.matches(question, { signal });
}

export function askPreview(question: RuleQuestion, signal: AbortSignal): Promise<MappingPreview | undefined> {
  return question.table === '' ? Promise.resolve(undefined) : server.mapping.preview(question, { signal });
}

export function askSamples(question: RuleQuestion, signal: AbortSignal): Promise<MappingSamples> {
  return server.mapping.samples(question, { signal });
}
