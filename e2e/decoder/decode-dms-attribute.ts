// Attributes of the profile dms back to neutral values, by docs/MAPPING.md, "The profile dms".

import type { Type } from './cql-type.ts';
import type { Attribute, Neutral } from './decode-attribute.ts';
import { decodeAttribute } from './decode-attribute.ts';
import { daysOfDate, nanosOfTime } from './times.ts';

const MILLIS_PER_DAY = 86_400_000n;

/** Throws an Error that names what the attribute should have been. */
export function decodeDmsAttribute(attribute: Attribute, type: Type): Neutral {
  if ('NULL' in attribute) throw new Error('AWS DMS writes no NULL');
  if (type.kind !== 'scalar') return JSON.parse(textOf(attribute)) as Neutral;
  switch (type.name) {
    case 'timestamp':
      return millisOf(textOf(attribute));
    case 'blob': {
      const base64 = textOf(attribute);
      const bytes = Buffer.from(base64, 'base64');
      if (bytes.toString('base64') !== base64) throw new Error(`not base64: ${base64}`);
      return `0x${bytes.toString('hex')}`;
    }
    default:
      return decodeAttribute(attribute, type);
  }
}

function textOf(attribute: Attribute): string {
  if (!('S' in attribute) || attribute.S === '') throw new Error(`expected a filled S, found ${JSON.stringify(attribute)}`);
  return attribute.S;
}

/** `2024-05-01T10:00:00.000Z` -> milliseconds since 1970. */
function millisOf(text: string): string {
  const match = /^(.+)T(\d\d:\d\d:\d\d\.\d{3})Z$/.exec(text);
  if (match === null) throw new Error(`not a timestamp: ${text}`);
  return String(BigInt(daysOfDate(match[1]!)) * MILLIS_PER_DAY + BigInt(nanosOfTime(`${match[2]!}000000`)) / 1_000_000n);
}
