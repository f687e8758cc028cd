// Numbers and times as people read them. Digits are grouped, units are binary where files are meant.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export function count(value: number): string {
  return whole.format(value);
}

/** 1 KB is 1,024 bytes. */
export function bytes(value: number): string {
  let unit = 0;
  let size = value;
  for (; size >= 1024 && unit < UNITS.length - 1; size /= 1024) unit++;
  return `${unit === 0 || size >= 100 ? whole.format(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Never 100 before it is done, never 0 once something is. */
export function percent(fraction: number): number {
  if (fraction <= 0) return 0;
  return fraction >= 1 ? 100 : Math.min(99, Math.max(1, Math.floor(fraction * 100)));
}

/** 0:07, 12:40, 1:02:03, 3 d 4:00:00. */
export function duration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const two = (part: number): string => String(part).padStart(2, '0');
  const time = days > 0 || hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return days > 0 ? `${days} d ${time}` : time;
}

export function moment(millis: number): string {
  return clock.format(millis);
}

const calendar = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

export function day(millis: number): string {
  return calendar.format(millis);
}

export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
