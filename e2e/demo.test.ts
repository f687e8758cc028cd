// `aeneas demo`: ends well by itself, says what is expected, and its services listen on the loopback interface only.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aeneas } from './aeneas-process.ts';

/** Addresses at which a process and its children listen, as the kernel's tables have them: hexadecimal, IPv4 in host order. */
function listeningAddresses(pid: number): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && (name === String(pid) || parentOf(name) === pid));
  const sockets = new Set(pids.flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => readFileSync(table, 'utf8').trim().split('\n').slice(1).map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[3] === '0A' && sockets.has(fields[9]!)).map((fields) => fields[1]!.split(':')[0]!);
}

function parentOf(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[1]);
  } catch {
    return 0;
  }
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []);
  } catch {
    return [];
  }
}

test('aeneas demo --headless', async () => {
  const addresses = new Set<string>();
  let sampling: NodeJS.Timeout | undefined;
  const ended = await aeneas(['demo', '--headless'], { onStart: (child) => {
    sampling = setInterval(() => {
      for (const address of listeningAddresses(child.pid!)) addresses.add(address);
    }, 200);
  } });
  clearInterval(sampling);
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toBe('');
  expect(ended.stdout).toMatch(/^Aeneas demo: .* -> agent \(https:\/\/127\.0\.0\.1:\d+\) -> S3 .*\nLive page: http:\/\/127\.0\.0\.1:\d+\/tasks\/\S+\n/);
  for (const table of ['sensor.devices', 'sensor.readings', 'shop.carts', 'shop.customers', 'shop.orders', 'shop.page_views', 'shop.product_reviews']) {
    expect(ended.stdout).toMatch(new RegExp(String.raw`^${table}\s.*equal \([\d,]+ items\)$`, 'm'));
  }
  expect(ended.stdout).toContain('is migrated, except 5 rejected rows.');
  expect(ended.stdout).toContain('As expected: 58,951 rows in 7 tables');
  expect([...addresses]).toEqual(['0100007F']);
});
