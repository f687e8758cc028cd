// Dates, times and durations of docs/MAPPING.md back to Cassandra's numbers.

const NANOS = { h: 3_600_000_000_000n, m: 60_000_000_000n, s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n } as const;

/** `2024-05-01`, signed years outside 0000 to 9999 -> days since 1970-01-01. */
export function daysOfDate(text: string): string {
  const match = /^([+-]?\d{4,})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) throw new Error(`not a date: ${text}`);
  const year = Number(match[1]);
  if ((year >= 0 && year <= 9999) !== /^\d{4}$/.test(match[1]!)) throw new Error(`a year out of form: ${text}`);
  return String(daysOfCivil(year, Number(match[2]), Number(match[3])));
}

/** Days of a proleptic Gregorian date: years counted from March, in eras of 400 years (146,097 days). */
function daysOfCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** `13:45:00.000000001` -> nanoseconds since midnight. */
export function nanosOfTime(text: string): string {
  const match = /^(\d+):(\d\d):(\d\d)\.(\d{9})$/.exec(text);
  if (match === null) throw new Error(`not a time: ${text}`);
  return String(BigInt(match[1]!) * NANOS.h + BigInt(match[2]!) * NANOS.m + BigInt(match[3]!) * NANOS.s + BigInt(match[4]!));
}

/** `1y2mo3d4h5m6s7ms8us9ns`, a leading `-` negating all of it. */
export function durationOfText(text: string): { months: string; days: string; nanos: string } {
  const match = /^(-?)((?:\d+(?:y|mo|d|h|ms|m|us|ns|s))+)$/.exec(text);
  if (match === null) throw new Error(`not a duration: ${text}`);
  const sum = { months: 0n, days: 0n, nanos: 0n };
  for (const [, digits, unit] of match[2]!.matchAll(/(\d+)(y|mo|d|h|ms|m|us|ns|s)/g)) {
    const count = BigInt(digits!);
    if (unit === 'y') sum.months += 12n * count;
    else if (unit === 'mo') sum.months += count;
    else if (unit === 'd') sum.days += count;
    else sum.nanos += NANOS[unit as keyof typeof NANOS] * count;
  }
  const sign = match[1] === '-' ? -1n : 1n;
  return { months: String(sign * sum.months), days: String(sign * sum.days), nanos: String(sign * sum.nanos) };
}
