// Times as Java's classes print them, as far as sstabledump shows them. All UTC.

const DAY_MILLIS = 86_400_000n;
const DAY_SECONDS = 86_400;
/** The first day of the Gregorian calendar, 1582-10-15: java.util's calendar is Julian before it, java.time's and Joda's are not. */
const GREGORIAN_START = -141_427;
const MAX_LONG = 0x7fff_ffff_ffff_ffffn;

interface YearMonthDay { readonly year: number; readonly month: number; readonly day: number }

/**
 * Microseconds since the epoch, in halves, as sstabledump's `Instant.ofEpochSecond(...).toString()`. It rounds the seconds towards zero
 * and the fraction down, so that times before 1970 come out a second late, and beyond the year 2262 the fraction is that of Java's
 * largest number of nanoseconds: both are kept.
 */
export function instantOfMicros(hi: number, lo: number): string {
  if (hi >= 0 && hi < 0x20_0000) {
    const micros = hi * 0x1_0000_0000 + lo;
    return instantText(Math.floor(micros / 1e6), (micros % 1e6) * 1000);
  }
  const micros = (BigInt(hi) << 32n) | BigInt(lo);
  const nanos = micros * 1000n;
  const saturated = nanos > MAX_LONG ? MAX_LONG : nanos < -MAX_LONG - 1n ? -MAX_LONG - 1n : nanos;
  return instantText(Number(micros / 1_000_000n), Number(((saturated % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n));
}

/** Seconds since the epoch as `Instant.toString()`: "2026-11-22T19:12:50Z". */
export function instantOfSeconds(seconds: number): string {
  return instantText(seconds, 0);
}

let lastDay = Number.NaN;
let lastDayText = '';

function instantText(seconds: number, nanos: number): string {
  const day = Math.floor(seconds / DAY_SECONDS);
  // Neighbours in a dump were mostly written on the same day.
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = isoDate(gregorian(day));
  }
  return `${lastDayText}T${clock(seconds - day * DAY_SECONDS)}${fraction(nanos)}Z`;
}

/** Zero, three, six or nine digits, whatever is needed. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${nanos % 1_000_000 === 0 ? digits.slice(0, 3) : nanos % 1000 === 0 ? digits.slice(0, 6) : digits}`;
}

/** ISO 8601 in Java's manner: years of more than four digits have a sign. */
function isoDate({ year, month, day }: YearMonthDay): string {
  return `${year > 9999 ? '+' : ''}${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** Days since the epoch as Joda's "yyyy-MM-dd". */
export function javaDateText(days: number): string {
  const { year, month, day } = gregorian(days);
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** Milliseconds since the epoch as SimpleDateFormat's "yyyy-MM-dd HH:mm:ss.SSSX", or by the minute as "yyyy-MM-dd HH:mmXX". */
export function javaTimestampText(millis: bigint, precision: 'millis' | 'minutes'): string {
  const days = Number((millis - (((millis % DAY_MILLIS) + DAY_MILLIS) % DAY_MILLIS)) / DAY_MILLIS);
  const ofDay = Number(millis - BigInt(days) * DAY_MILLIS);
  const { year, month, day } = days >= GREGORIAN_START ? gregorian(days) : julian(days);
  // The year of its era: there is no year 0, and BC is not told from AD.
  const text = `${padded(year > 0 ? year : 1 - year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  const time = clock(Math.floor(ofDay / 1000));
  return precision === 'minutes' ? `${text} ${time.slice(0, 5)}Z` : `${text} ${time}.${padded(ofDay % 1000, 3)}Z`;
}

/** Nanoseconds since midnight as TimeSerializer's "HH:mm:ss.nnnnnnnnn". */
export function javaTimeOfDayText(nanos: bigint): string {
  const sign = nanos < 0n ? '-' : '';
  const magnitude = nanos < 0n ? -nanos : nanos;
  return `${sign}${clock(Number(magnitude / 1_000_000_000n))}.${String(magnitude % 1_000_000_000n).padStart(9, '0')}`;
}

const DURATION_UNITS: readonly (readonly [unit: string, nanos: bigint])[] = [
  ['h', 3_600_000_000_000n], ['m', 60_000_000_000n], ['s', 1_000_000_000n], ['ms', 1_000_000n], ['us', 1000n], ['ns', 1n],
];

/** Duration.toString: "-1y2mo3d4h5m6s7ms8us9ns", without the parts that are zero. */
export function javaDurationText({ months, days, nanos }: { readonly months: bigint; readonly days: bigint; readonly nanos: bigint }): string {
  const isNegative = months < 0n || days < 0n || nanos < 0n;
  const magnitude = (value: bigint) => (value < 0n ? -value : value);
  const part = (value: bigint, unit: string) => (value === 0n ? '' : `${value}${unit}`);
  let text = part(magnitude(months) / 12n, 'y') + part(magnitude(months) % 12n, 'mo') + part(magnitude(days), 'd');
  let rest = magnitude(nanos);
  for (const [unit, size] of DURATION_UNITS) {
    text += part(rest / size, unit);
    rest %= size;
  }
  return isNegative ? `-${text}` : text;
}

/** Proleptic Gregorian date of a day since the epoch, computed in eras of 400 years that begin in March. */
function gregorian(days: number): YearMonthDay {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  return marchBased(yearOfEra + era * 400, dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)));
}

/** The same for the Julian calendar, in eras of 4 years. */
function julian(days: number): YearMonthDay {
  const shifted = days + 719_470;
  const era = Math.floor(shifted / 1461);
  const dayOfEra = shifted - era * 1461;
  const yearOfEra = Math.min(3, Math.floor(dayOfEra / 365));
  return marchBased(yearOfEra + era * 4, dayOfEra - 365 * yearOfEra);
}

function marchBased(year: number, dayOfYear: number): YearMonthDay {
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  return month < 10 ? { year, month: month + 3, day } : { year: year + 1, month: month - 9, day };
}

function clock(secondOfDay: number): string {
  return `${padded(Math.floor(secondOfDay / 3600), 2)}:${padded(Math.floor(secondOfDay / 60) % 60, 2)}:${padded(secondOfDay % 60, 2)}`;
}

function padded(value: number, length: number): string {
  return value < 0 ? `-${String(-value).padStart(length, '0')}` : String(value).padStart(length, '0');
}
