// Tables of the live nodes, and what happens to them: rounds of writes, overwrites, deletes of every kind and expiring cells, so that
// every round's SSTables have to be merged with the others'.

import { types } from 'cassandra-driver';
import type { Client } from 'cassandra-driver';

type Column = readonly [name: string, type: string, kind: 'partition_key' | 'clustering' | 'static' | 'regular', order?: 'desc'];

export interface LiveTable {
  /** keyspace.table; `twice` is replicated to two nodes, `once` to one. */
  readonly name: string;
  /** In the order of the primary key, then any. */
  readonly columns: readonly Column[];
}

export const USER_TYPES = 'CREATE TYPE once.address (street text, number int, tags frozen<set<text>>);';
export const LIVE_TABLES: readonly LiveTable[] = [
  { name: 'once.people', columns: [
    ['id', 'uuid', 'partition_key'], ['name', 'text', 'regular'], ['emails', 'set<text>', 'regular'], ['scores', 'list<int>', 'regular'], ['phones', 'map<text, text>', 'regular'],
    ['home', 'frozen<address>', 'regular'], ['spot', 'frozen<tuple<double, text>>', 'regular'], ['balance', 'decimal', 'regular'], ['points', 'varint', 'regular'],
    ['born', 'timestamp', 'regular'], ['photo', 'blob', 'regular'], ['active', 'boolean', 'regular'], ['rank', 'double', 'regular'], ['host', 'inet', 'regular'],
  ] },
  { name: 'once.visits', columns: [['page', 'text', 'partition_key'], ['day', 'int', 'clustering'], ['hits', 'counter', 'regular'], ['guests', 'counter', 'regular']] },
  { name: 'twice.readings', columns: [
    ['site', 'text', 'partition_key'], ['day', 'int', 'partition_key'], ['at', 'timestamp', 'clustering', 'desc'], ['device', 'text', 'clustering'],
    ['operator', 'text', 'static'], ['checks', 'set<text>', 'static'], ['value', 'double', 'regular'], ['battery', 'int', 'regular'], ['raw', 'blob', 'regular'],
  ] },
  { name: 'twice.sessions', columns: [['login', 'text', 'partition_key'], ['slot', 'bigint', 'clustering'], ['ticket', 'timeuuid', 'regular'], ['note', 'text', 'regular']] },
];

/** Expired when the node is asked, as long as that is later than this. */
export const SHORT_TTL_MILLIS = 2_000;
const DAY_SECONDS = 86_400;
const DAY0_MILLIS = Date.UTC(2026, 1, 1);

/** CREATE statements, each its own. */
export function schemaStatements(nodes: number): string[] {
  const keyspace = (name: string, factor: number): string => `CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': ${factor}}`;
  return [keyspace('once', 1), keyspace('twice', Math.min(2, nodes)), USER_TYPES, ...LIVE_TABLES.map(createTable)];
}

function createTable({ name, columns }: LiveTable): string {
  const named = (kind: Column[2]): string => columns.filter((column) => column[2] === kind).map(([column]) => column).join(', ');
  const order = columns.filter(([, , kind]) => kind === 'clustering').map(([column, , , way = 'asc']) => `${column} ${way}`).join(', ');
  const keys = [`(${named('partition_key')})`, ...(order === '' ? [] : [named('clustering')])].join(', ');
  return `CREATE TABLE ${name} (${columns.map(([column, type, kind]) => `${column} ${type}${kind === 'static' ? ' static' : ''}`).join(', ')}, PRIMARY KEY (${keys}))
    WITH ${order === '' ? '' : `CLUSTERING ORDER BY (${order}) AND `}compaction = {'class': 'SizeTieredCompactionStrategy', 'enabled': 'false'}`;
}

/** One round; each also changes what earlier ones wrote. Throws what the driver throws. */
export async function writeRound(client: Client, round: number, { hasRanges }: { readonly hasRanges: boolean }): Promise<void> {
  const writes = [...people(round), ...visits(round), ...readings(round, hasRanges), ...sessions(round)];
  const parallel = 32;
  // Which of two writes at the same time wins is for the nodes to say.
  for (let i = 0; i < writes.length; i += parallel) {
    await Promise.all(writes.slice(i, i + parallel).map(([cql, ...values]) => client.execute(cql, values, { prepare: true, consistency: types.consistencies.all })));
  }
}

type Write = readonly [cql: string, ...values: unknown[]];

const person = (index: number): types.Uuid => types.Uuid.fromString(`00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`);

function* people(round: number): Generator<Write> {
  for (let i = round * 300; i < (round + 1) * 300; i++) {
    yield [
      'INSERT INTO once.people (id, name, emails, scores, phones, home, spot, balance, points, born, photo, active, rank, host) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      person(i), `Nämé ${i}`, [`p${i}@example.org`, 'all@example.org'], [i, 2, i], { home: `+${i}`, work: '+1' }, { street: `Way ${i % 7}`, number: i % 3 === 0 ? null : i, tags: ['a', 'b'] },
      new types.Tuple(i / 7, i % 2 === 0 ? 'north' : null), types.BigDecimal.fromString(`${i}.${i % 100}`), types.Integer.fromString(`${i}00000000000000000000`), new Date(DAY0_MILLIS - i * 3_600_001),
      Buffer.alloc(i % 50, i % 256), i % 2 === 0, i * 1.1, types.InetAddress.fromString(i % 2 === 0 ? `10.0.${i % 256}.1` : `fd00::${(i % 4096 + 1).toString(16)}`),
    ];
  }
  if (round === 0) return;
  for (let i = 0; i < 60; i++) {
    const id = person((round - 1) * 300 + i * 4);
    if (i % 6 === 0) yield ['DELETE FROM once.people WHERE id = ?', id];
    else if (i % 6 === 1) yield ['UPDATE once.people SET emails = emails - ?, phones[?] = ? WHERE id = ?', ['all@example.org'], 'mobile', `+${round}`, id];
    else if (i % 6 === 2) yield ['UPDATE once.people SET scores = scores + ?, name = ? WHERE id = ?', [round], `Renamed ${round}`, id];
    else if (i % 6 === 3) yield ['DELETE phones[?], balance, home FROM once.people WHERE id = ?', 'work', id];
    else if (i % 6 === 4) yield ['UPDATE once.people USING TTL 1 SET photo = ? WHERE id = ?', Buffer.from('gone'), id];
    else yield ['UPDATE once.people SET scores = ?, emails = ? WHERE id = ?', [], ['only@example.org'], id];
  }
}

function* visits(round: number): Generator<Write> {
  // What was deleted is counted again in the round after: versions differ in whether that ever shows (2.x: no, CASSANDRA-7346).
  for (let i = 0; i < 200; i++) if (round !== 1 || i % 23 !== 22) yield ['UPDATE once.visits SET hits = hits + ?, guests = guests + ? WHERE page = ? AND day = ?', types.Long.fromNumber(i + round), types.Long.fromNumber(-1), `/p${i % 23}`, i % 5];
  if (round === 1) yield ['DELETE FROM once.visits WHERE page = ?', '/p22'];
}

function* readings(round: number, hasRanges: boolean): Generator<Write> {
  for (let i = 0; i < 1_500; i++) {
    yield [
      'INSERT INTO twice.readings (site, day, at, device, value, battery, raw) VALUES (?, ?, ?, ?, ?, ?, ?)',
      `site-${i % 5}`, i % 4, new Date(DAY0_MILLIS + i * 60_000 + round), `d${i % 3}`, i + round / 10, i % 10 === 0 ? null : i % 100, i % 50 === 0 ? Buffer.from([round, i % 256]) : null,
    ];
  }
  for (let site = 0; site < 5; site++) {
    const key = [`site-${site}`, round % 4];
    yield ['UPDATE twice.readings SET operator = ?, checks = checks + ? WHERE site = ? AND day = ?', `op ${round}`, [`check ${round}`], ...key];
    if (round === 0) continue;
    if (hasRanges) yield ['DELETE FROM twice.readings WHERE site = ? AND day = ? AND at >= ? AND at < ?', ...key, new Date(DAY0_MILLIS + site * 3_600_000), new Date(DAY0_MILLIS + (site + 2) * 3_600_000)];
    else yield ['DELETE FROM twice.readings WHERE site = ? AND day = ? AND at = ?', ...key, new Date(DAY0_MILLIS + (site * 4 + round) * 60_000)];
  }
  if (round === 2) yield ['DELETE FROM twice.readings WHERE site = ? AND day = ?', 'site-1', 1];
}

function* sessions(round: number): Generator<Write> {
  for (let i = 0; i < 300; i++) {
    const seconds = i % 3 === 0 ? 1 : i % 3 === 1 ? 30 * DAY_SECONDS : 0;
    yield ['INSERT INTO twice.sessions (login, slot, ticket, note) VALUES (?, ?, ?, ?) USING TTL ?', `user-${i % 40}`, types.Long.fromNumber(i + round * 250), types.TimeUuid.now(), `round ${round}`, seconds];
  }
  for (let i = 0; i < 40; i += 8) yield ['UPDATE twice.sessions SET note = ? WHERE login = ? AND slot = ?', 'kept', `user-${i}`, types.Long.fromNumber(i)];
}
