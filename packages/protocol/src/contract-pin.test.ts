// The contracts cannot change unnoticed: whoever changes one sees this test fail, decides whether older peers still understand it (if not,
// the version goes up), and pins the new hash.

import { createHash } from 'node:crypto';
import { getEventIteratorSchemaDetails } from '@orpc/contract';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AGENT_PROTOCOL_VERSION, agentContract } from './agent-contract.ts';
import { APP_PROTOCOL_VERSION, appContract } from './app-contract.ts';

interface Procedure {
  readonly '~orpc': { readonly route: object; readonly inputSchema?: z.ZodType; readonly outputSchema?: z.ZodType; readonly errorMap: Record<string, { readonly status?: number; readonly data?: z.ZodType }> };
}

test('the contract of the app', () => {
  expect({ version: APP_PROTOCOL_VERSION, hash: hashOf(appShape(appContract)) }).toEqual({ version: 1, hash: '1fa98e7d18c4eb8d' });
});

test('the contract of agents', () => {
  const shape = Object.entries(agentContract).map(([call, { input, output }]) => [call, shapeOf(input), shapeOf(output)]);
  expect({ version: AGENT_PROTOCOL_VERSION, hash: hashOf(shape) }).toEqual({ version: 5, hash: '1513dcadbdd1ec10' });
});

function appShape(part: object): unknown {
  if (!('~orpc' in part)) return Object.entries(part).map(([name, inner]) => [name, appShape(inner as object)]);
  const { route, inputSchema, outputSchema, errorMap } = (part as Procedure)['~orpc'];
  const events = outputSchema === undefined ? undefined : getEventIteratorSchemaDetails(outputSchema);
  return [route, shapeOf(inputSchema), shapeOf(events === undefined ? outputSchema : events.yields as z.ZodType), Object.entries(errorMap).map(([code, { status, data }]) => [code, status, shapeOf(data)])];
}

/** As it is on the wire. */
function shapeOf(schema: z.ZodType | undefined): unknown {
  return schema === undefined ? null : z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

function hashOf(shape: unknown): string {
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
}
