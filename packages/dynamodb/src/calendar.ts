// Dates and times as text, in the proleptic Gregorian calendar and UTC (docs/MAPPING.md, "Types").

import { writePadded, writeUint32 } from './digits.ts';

export const MILLIS_PER_DAY = 86_400_000;
const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_SHIFT_DAYS = 719_468;
/** Day numbers (since 1970-01-01) of the years that are written without a sign. */
export const FIRST_PLAIN_DAY = -719_528; // 0000-01-01
export const LAST_PLAIN_DAY = 2_932_896; // 9999-12-31
/** 1582-10-15, where the time of UUIDs starts, to 1970-01-01. */
const UUID_EPOCH_SECONDS = 12_219_292_800;

/** `2024-05-01`; years outside 0000 to 9999 carry a sign. Needs 16 bytes. `days` counts from 1970-01-01. */
export function writeDate(out: Uint8Array, pos: number, days: number): number {
  // Years start in March here, so that the leap day is the last of its year.
  const shifted = days + EPOCH_SHIFT_DAYS;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) pos = writePadded(out, pos, year, 4);
  else {
    out[pos++] = year < 0 ? 0x2d : 0x2b;
    pos = year < 0 && year > -1000 ? writePadded(out, pos, -year, 4) : writeUint32(out, pos, Math.abs(year));
  }
  out[pos++] = 0x2d;
  pos = writePadded(out, pos, month, 2);
  out[pos++] = 0x2d;
  return writePadded(out, pos, day, 2);
}

/** The day a row was in is mostly the day of the row before. */
let cachedDay = Number.NaN;
let cachedDateLength = 0;
const cachedDate = new Uint8Array(16);

function writeCachedDate(out: Uint8Array, pos: number, days: number): number {
  if (days !== cachedDay) {
    cachedDateLength = writeDate(cachedDate, 0, days);
    cachedDay = days;
  }
  for (let i = 0; i < cachedDateLength; i++) out[pos + i] = cachedDate[i];
  return pos + cachedDateLength;
}

/** `13:45:00` of a second of the day. */
function writeClock(out: Uint8Array, pos: number, second: number): number {
  const minutes = Math.floor(second / 60);
  const hours = Math.floor(minutes / 60);
  writePadded(out, pos, hours, 2);
  out[pos + 2] = 0x3a;
  writePadded(out, pos + 3, minutes - hours * 60, 2);
  out[pos + 5] = 0x3a;
  return writePadded(out, pos + 6, second - minutes * 60, 2);
}

/** `2024-05-01T10:00:00.000Z`. Needs 32 bytes. Exact within +-2^53 milliseconds. */
export function writeTimestamp(out: Uint8Array, pos: number, millis: number): number {
  const days = Math.floor(millis / MILLIS_PER_DAY);
  return writeTimestampOf(out, pos, days, millis - days * MILLIS_PER_DAY);
}

/** The same from a day and the milliseconds within it, for times beyond 2^53 milliseconds. */
export function writeTimestampOf(out: Uint8Array, pos: number, days: number, millisOfDay: number): number {
  pos = writeCachedDate(out, pos, days);
  out[pos++] = 0x54;
  const second = Math.floor(millisOfDay / 1000);
  pos = writeClock(out, pos, second);
  out[pos++] = 0x2e;
  pos = writePadded(out, pos, millisOfDay - second * 1000, 3);
  out[pos++] = 0x5a;
  return pos;
}

/** `13:45:00.000000001` of nanoseconds within one day. */
export function writeTime(out: Uint8Array, pos: number, nanosOfDay: number): number {
  const second = Math.floor(nanosOfDay / 1e9);
  pos = writeClock(out, pos, second);
  out[pos++] = 0x2e;
  return writePadded(out, pos, nanosOfDay - second * 1e9, 9);
}

/** `2024-05-01T10:00:00.1234567Z` of a version 1 UUID's 60-bit time: its upper 28 and lower 32 bits. */
export function writeUuidTime(out: Uint8Array, pos: number, upper: number, lower: number): number {
  // 2^32 ticks of 100 ns are 429 s and 4,967,296 ticks.
  const ticks = upper * 4_967_296 + lower;
  const carried = Math.floor(ticks / 10_000_000);
  const seconds = upper * 429 + carried - UUID_EPOCH_SECONDS;
  const days = Math.floor(seconds / 86_400);
  pos = writeCachedDate(out, pos, days);
  out[pos++] = 0x54;
  pos = writeClock(out, pos, seconds - days * 86_400);
  out[pos++] = 0x2e;
  pos = writePadded(out, pos, ticks - carried * 10_000_000, 7);
  out[pos++] = 0x5a;
  return pos;
}

/** Reads `YYYY-MM-DD` as days since 1970-01-01: the inverse of `writeDate` for four-digit years. */
export function parsePlainDate(text: string): number {
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC takes years below 100 for 19xx
  return date.getTime() / MILLIS_PER_DAY;
}
