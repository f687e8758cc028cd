import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../errors.ts';
import type { ColumnMetadata, TableMetadata } from '../model/table-metadata.ts';
import { formatCqlType } from '../types/parse-cql-type.ts';
import { parseCqlSchema } from './cql-parser.ts';
import { DROPPED_FOR_EVER, tableOfCql } from './cql-schema.ts';

const table = (text: string, name = 't'): TableMetadata => tableOfCql(parseCqlSchema(text, 'k'), 'k', name)!;
const column = ({ name, type, reversed }: ColumnMetadata): string => `${name} ${formatCqlType(type)}${reversed ? ' desc' : ''}`;
/** A table in one line: (partition key), clustering | static | regular. */
const shown = ({ partitionKey, clustering, staticColumns, regularColumns }: TableMetadata): string =>
  [`(${partitionKey.map(column).join(', ')}) ${clustering.map(column).join(', ')}`, staticColumns.map(column).join(', '), regularColumns.map(column).join(', ')].join(' | ');

describe('CREATE TABLE', () => {
  it('reads keys in every form', () => {
    expect(shown(table('create table t (a int primary key, b text)'))).toBe('(a int)  |  | b text');
    expect(shown(table('CREATE TABLE t (a int, b text, PRIMARY KEY (a, b))'))).toBe('(a int) b text |  | ');
    expect(shown(table('CREATE COLUMNFAMILY t (PRIMARY KEY ((a, b), c, d), a int, b int, c int, d int, e int static,)'))).toBe('(a int, b int) c int, d int | e int | ');
  });

  it('reads types of every form, and leaves comments inside them out', () => {
    const text = `CREATE TABLE t (a int PRIMARY KEY, b frozen<map<text, frozen<list<int>>>>, c tuple < int , /* > */ k."U" > static,
      d 'org.apache.cassandra.db.marshal.LexicalUUIDType', e k."U", f Frozen<"U">); CREATE TYPE "U" (x int);`;
    expect(shown(table(text))).toBe('(a int)  | c frozen<tuple<int, frozen<"U">>> | b frozen<map<text, frozen<list<int>>>>, d uuid, f frozen<"U">, e "U"');
  });

  it('takes the options that matter from among the others', () => {
    const made = table(`CREATE TABLE IF NOT EXISTS t (a int, b int, "C" int, PRIMARY KEY (a, b, "C")) WITH comment = 'x AND COMPACT STORAGE; ''' AND CLUSTERING ORDER BY (b DESC, "C" ASC)
      AND compaction = {'class': 'SizeTieredCompactionStrategy', 'a': {'b': ['c']}} AND id = 5A1C395E-B41F-11E5-9F22-BA0BE0483C18 AND default_time_to_live=86400 AND crc_check_chance = 1.0`);
    expect(shown(made)).toBe('(a int) b int desc, C int |  | ');
    expect(made).toMatchObject({ id: '5a1c395eb41f11e59f22ba0be0483c18', defaultTtlSeconds: 86400, isCompact: false });
  });

  it('knows the masks and vectors of 5.0', () => {
    const text = 'CREATE TABLE t (a int PRIMARY KEY, b text MASKED WITH k.f(\')\', (1)), c int MASKED WITH DEFAULT); CREATE TABLE u (a int PRIMARY KEY, v vector<float, 3>);';
    expect(shown(table(text))).toBe('(a int)  |  | b text, c int');
    expect(shown(table(text, 'u'))).toBe('(a int)  |  | v vector<float, 3>');
  });

  it('refuses what is no table', () => {
    for (const [text, what] of [
      ['CREATE TABLE t (a int)', 'line 1, column 14: the table has no PRIMARY KEY'],
      ['CREATE TABLE t (a int PRIMARY KEY, a int)', 'column 36: a second column a'],
      ['CREATE TABLE t (a int PRIMARY KEY, PRIMARY KEY (a))', 'a second PRIMARY KEY'],
      ['CREATE TABLE t (a int, PRIMARY KEY (a, b))', 'PRIMARY KEY names b, which is no column'],
      ['CREATE TABLE t (a int, PRIMARY KEY (a, a))', 'PRIMARY KEY names a twice'],
      ['CREATE TABLE t (a list<int, PRIMARY KEY (a))', 'this type ends with (, its brackets are open'],
      ['CREATE TABLE t (a int PRIMARY KEY) WITH comment = {', 'the brackets of this value do not match'],
      ['CREATE TABLE t (a int PRIMARY KEY) CREATE', 'expected the end of the statement, found CREATE'],
      ['CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE t (a int PRIMARY KEY)', 'table t is there already'],
    ]) expect(() => parseCqlSchema(text, 'k')).toThrow(what);
    expect(() => table('CREATE TABLE t (a foo PRIMARY KEY)')).toThrow('Column a of k.t: Type "foo" at character 4: no user type foo is known');
    expect(() => parseCqlSchema('CREATE TABLE t (a int PRIMARY KEY)')).toThrow('t names no keyspace, and there is no USE before it');
  });
});

describe('COMPACT STORAGE', () => {
  const compact = (columns: string): TableMetadata => table(`CREATE TABLE t (${columns}) WITH COMPACT STORAGE`);

  it('is stored with the columns that CQL does not show', () => {
    expect(shown(compact('a int PRIMARY KEY, c int, b text'))).toBe('(a int) column1 text | b text, c int | value blob');
    expect(shown(compact('a int PRIMARY KEY, value counter, column1 counter'))).toBe('(a int) column2 text | column1 counter, value counter | value1 counter');
    expect(shown(compact('a int, b int, v text, PRIMARY KEY (a, b)'))).toBe('(a int) b int |  | v text');
    expect(shown(compact('a int, value int, PRIMARY KEY (a, value)'))).toBe('(a int) value int |  | value1 empty');
    expect(shown(compact('a int, b int, c int, PRIMARY KEY (a, b, c)'))).toBe('(a int) b int, c int |  | value empty');
  });

  it('has the flags of system_schema', () => {
    expect(compact('a int PRIMARY KEY, b counter')).toMatchObject({ isCompact: true, isDense: false, isCompound: false, isStaticCompact: true, isCounter: true });
    expect(compact('a int, b int, PRIMARY KEY (a, b)')).toMatchObject({ isCompact: true, isDense: true, isCompound: false, isStaticCompact: false });
    expect(compact('a int, b int, c int, PRIMARY KEY (a, b, c)')).toMatchObject({ isCompact: true, isDense: true, isCompound: true, isStaticCompact: false });
  });

  it('bears the hidden clustering that a snapshot\'s schema.cql lets slip into a composite key', () => {
    expect(shown(compact('a int, b int, c text, PRIMARY KEY ((a, b), column1)'))).toBe('(a int, b int) column1 text | c text | value blob');
  });

  it('can be dropped: then what was hidden is there', () => {
    const made = table('CREATE TABLE t (a int PRIMARY KEY, b int) WITH COMPACT STORAGE; ALTER TABLE t DROP COMPACT STORAGE; ALTER TABLE t ADD compact int;');
    expect(shown(made)).toBe('(a int) column1 text | b int | compact int, value blob');
    expect(made).toMatchObject({ isCompact: false, isStaticCompact: false, isCompound: true });
  });
});

describe('ALTER TABLE', () => {
  const BASE = 'CREATE TABLE t (a int, b int, x text, PRIMARY KEY (a, b));';

  it('adds, drops, renames and changes types', () => {
    expect(shown(table(`${BASE} ALTER TABLE k.t ADD s int static; ALTER TABLE t ADD (y int, z list<int>); ALTER TABLE t RENAME a TO c AND b TO "D"; ALTER TABLE t ALTER x TYPE blob;`)))
      .toBe('(c int) D int | s int | x blob, y int, z list<int>');
    expect(shown(table(`${BASE} ALTER TABLE t ADD IF NOT EXISTS x int; ALTER TABLE t DROP IF EXISTS q; ALTER TABLE IF EXISTS u ADD q int; ALTER TABLE t RENAME IF EXISTS q TO r`)))
      .toBe('(a int) b int |  | x text');
  });

  it('takes a dropped column that never came back as dropped for ever', () => {
    expect(table(`${BASE} ALTER TABLE t DROP x`).dropped).toEqual([{ name: 'x', kind: 'regular', type: { kind: 'text' }, droppedTimeMicros: DROPPED_FOR_EVER }]);
  });

  it('does not guess when a column was dropped that came back', () => {
    expect(() => table(`${BASE} ALTER TABLE t DROP x; ALTER TABLE t ADD x text`)).toThrow(expect.objectContaining({ code: 'SCHEMA_AMBIGUOUS' }));
    const text = `${BASE} ALTER TABLE t DROP x; ALTER TABLE t ADD x text; CREATE TABLE u (a int PRIMARY KEY); ALTER TABLE u ADD b int;`;
    expect(shown(table(text, 'u'))).toBe('(a int)  |  | b int');
    expect(table(`${text} ALTER TABLE t DROP x`).dropped[0].droppedTimeMicros).toBe(DROPPED_FOR_EVER);
  });

  it('takes the time of USING TIMESTAMP, as precise as the node keeps it', () => {
    const made = table(`${BASE} ALTER TABLE t DROP x USING TIMESTAMP 1730167042382999; ALTER TABLE t ADD x text;`);
    expect(made.dropped).toEqual([{ name: 'x', kind: 'regular', type: { kind: 'text' }, droppedTimeMicros: 1730167042382000n }]);
    expect(shown(made)).toBe('(a int) b int |  | x text');
  });

  it('keeps the type that a dropped column had, even when its user type went', () => {
    const made = table('CREATE TYPE u (f int); CREATE TABLE t (a int PRIMARY KEY, b frozen<u>); ALTER TABLE t DROP b; DROP TYPE u; CREATE TYPE u (g text, h text);');
    expect(made.dropped[0].type).toEqual({ kind: 'udt', keyspace: 'k', name: 'u', frozen: true, fields: [{ name: 'f', type: { kind: 'int' } }] });
  });

  it('refuses what a node would', () => {
    for (const [text, what] of [
      ['ALTER TABLE t ADD x int', 'a second column x'],
      ['ALTER TABLE t DROP a', 'a is a key column and cannot be dropped'],
      ['ALTER TABLE t DROP q', 'there is no column q to drop'],
      ['ALTER TABLE t RENAME q TO r', 'there is no q to rename'],
      ['ALTER TABLE t RENAME a TO b', 'b is there already'],
      ['ALTER TABLE t RENAME a TO c AND b TO c', 'c is there already'],
      ['ALTER TABLE u ADD x int', 'there is no table u at this point'],
      ['ALTER TABLE t FROB', 'ALTER TABLE ... FROB is not known'],
      ['ALTER TABLE t DROP x USING TIMESTAMP y', 'TIMESTAMP is not a number of microseconds'],
    ]) expect(() => parseCqlSchema(`${BASE}\n${text}`, 'k')).toThrow(what);
  });
});

describe('user types', () => {
  it('change in every column that uses them', () => {
    const text = `CREATE TABLE t (a int PRIMARY KEY, b frozen<u>); CREATE TYPE u (f int, "G" list<int>); ALTER TYPE k.u ADD h frozen<v>; CREATE TYPE v (x int);
      ALTER TYPE u RENAME f TO "F" AND "G" TO g; ALTER TYPE u ALTER "F" TYPE varint; ALTER TYPE IF EXISTS w ADD x int;`;
    expect(table(text).regularColumns[0].type).toMatchObject({ fields: [{ name: 'F', type: { kind: 'varint' } }, { name: 'g', type: { kind: 'list' } }, { name: 'h', type: { name: 'v', frozen: true } }] });
  });

  it('cannot contain themselves', () => {
    expect(() => table('CREATE TYPE u (f frozen<v>); CREATE TYPE v (f list<frozen<u>>); CREATE TABLE t (a int PRIMARY KEY, b frozen<u>)')).toThrow('Type k.u contains itself');
  });

  it('nest to a limit', () => {
    const chain = Array.from({ length: 200 }, (_, i) => `CREATE TYPE u${i} (f frozen<u${i + 1}>);`).join('\n');
    expect(() => table(`${chain} CREATE TYPE u200 (f int); CREATE TABLE t (a int PRIMARY KEY, b frozen<u0>)`)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }));
  });
});

describe('materialized views', () => {
  const BASE = 'CREATE TABLE t (a int, b text, c int, d list<int>, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (b DESC);';
  const view = (selected: string, rest: string): TableMetadata => table(`${BASE} CREATE MATERIALIZED VIEW v AS SELECT ${selected} FROM k.t WHERE c IS NOT NULL AND b > 'PRIMARY KEY' AND a IN (1, 2) ${rest}`, 'v');

  it('have the types of their base, and its order unless told otherwise', () => {
    expect(shown(view('*', 'PRIMARY KEY (c, b, a)'))).toBe('(c int) b text desc, a int |  | d list<int>');
    expect(shown(view('a, b, c', 'PRIMARY KEY ((c, a), b) WITH CLUSTERING ORDER BY (b ASC) AND comment = \'x\''))).toBe('(c int, a int) b text |  | ');
    expect(view('*', 'PRIMARY KEY (c, b, a)')).toMatchObject({ isView: true, isCompound: true, isCompact: false });
  });

  it('follow their base', () => {
    expect(shown(view('*', 'PRIMARY KEY (c, b, a); ALTER TABLE t ADD e int; ALTER TABLE t ADD f int static; ALTER TABLE t RENAME a TO aa'))).toBe('(c int) b text desc, aa int |  | e int, d list<int>');
    expect(shown(view('a, b, c', 'PRIMARY KEY (c, b, a); ALTER TABLE t ADD e int'))).toBe('(c int) b text desc, a int |  | ');
    expect(parseCqlSchema(`${BASE} CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE c > 0 PRIMARY KEY (c, a, b); DROP MATERIALIZED VIEW v;`, 'k').get('k')!.tables.has('v')).toBe(false);
  });

  it('need their base', () => {
    expect(() => parseCqlSchema('CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a > 0 PRIMARY KEY (a)', 'k')).toThrow('there is no table t at this point');
  });
});

describe('secondary indexes', () => {
  const BASE = 'CREATE TABLE t (a int, "B" text, c int, d list<int>, PRIMARY KEY (a, "B"));';
  const indexes = (statements: string): string => (table(`${BASE} ${statements}`).indexes ?? []).map(({ name, columns, isCustom }) => `${name} ${columns.join('+')}${isCustom ? ' custom' : ''}`).join(', ');

  it('are known by name and column, whatever they index of it', () => {
    expect(indexes(`CREATE INDEX z ON t (c); CREATE INDEX IF NOT EXISTS y ON k.t (VALUES(d)); CREATE CUSTOM INDEX x ON t ("B") USING 'org.x.SASI' WITH OPTIONS = {'mode': 'PREFIX'};
      CREATE INDEX w ON t (c) USING 'sai'; CREATE INDEX v ON t (c) USING 'legacy_local_table'; CREATE CUSTOM INDEX u ON t () USING 'l'`))
      .toBe('u  custom, v c, w c custom, x B custom, y d, z c');
  });

  it('get the names that a node gives them', () => {
    expect(indexes('CREATE INDEX ON t (c); CREATE INDEX ON t (c); CREATE INDEX ON t ("B")')).toBe('t_B_idx B, t_c_idx c, t_c_idx_0 c');
  });

  it('follow renames, and go', () => {
    expect(indexes('CREATE INDEX i ON t ("B"); CREATE INDEX j ON t (c); ALTER TABLE t RENAME "B" TO e; DROP INDEX k.j; DROP INDEX IF EXISTS none; CREATE INDEX elsewhere ON other (x)')).toBe('i e');
  });

  it('and views with what they leave out', () => {
    const views = `CREATE MATERIALIZED VIEW w AS SELECT a, "B", d FROM t WHERE "B" IS NOT NULL AND a > 5 AND c IN (1, 2) PRIMARY KEY ("B", a) WITH CLUSTERING ORDER BY (a DESC);
      CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL AND "B" IS NOT NULL PRIMARY KEY (("B", a));`;
    expect(table(`${BASE} ${views}`).views).toEqual([
      { name: 'v', partitionKey: ['B', 'a'], clustering: [], columns: undefined, filter: undefined },
      { name: 'w', partitionKey: ['B'], clustering: [{ name: 'a', reversed: true }], columns: ['d'], filter: 'a > 5 AND c IN ( 1 , 2 )' },
    ]);
  });
});

describe('scripts', () => {
  it('pass over what says nothing about tables', () => {
    const text = `\uFEFF/* cqlsh */ CONSISTENCY QUORUM
      CREATE KEYSPACE "K" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1} AND durable_writes = true;
      CREATE ROLE r WITH PASSWORD = 'x;' AND LOGIN = true; GRANT CREATE ON ALL KEYSPACES TO r; LIST ROLES; REVOKE ALTER ON KEYSPACE "K" FROM r;
      USE "K"; CREATE TABLE T (A int PRIMARY KEY, b int);;
      CREATE OR REPLACE FUNCTION f (x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$ return x; // CREATE TABLE $$;
      CREATE FUNCTION g (x int) CALLED ON NULL INPUT RETURNS int LANGUAGE javascript AS 'x; ''CREATE''';
      CREATE AGGREGATE h (int) SFUNC f STYPE int INITCOND 0; DROP AGGREGATE h;
      CREATE INDEX "create" ON t (b); CREATE CUSTOM INDEX i ON t (KEYS(b)) USING 'a.b' WITH OPTIONS = {'x': 'y;'}; DROP INDEX IF EXISTS i;
      CREATE TRIGGER x ON t USING 'y'; ALTER ROLE r WITH SUPERUSER = false; ALTER KEYSPACE system_auth WITH replication = {'class': 'x'}; ALTER TABLE system_auth.roles WITH comment = 'x';
      INSERT INTO t (a, b) VALUES (1, 2) IF NOT EXISTS; BEGIN BATCH UPDATE t SET b = 1 WHERE a = 1; DELETE FROM t WHERE a = 2; APPLY BATCH; TRUNCATE t;
      COPY t (a) FROM 'x.csv' WITH HEADER = true
      SELECT * FROM t WHERE a = 0x12 AND b = -1.5e3`;
    expect(shown(tableOfCql(parseCqlSchema(text), 'K', 't')!)).toBe('(a int)  |  | b int');
  });

  it('drop and create again', () => {
    const text = `CREATE TABLE t (a int PRIMARY KEY, b int); ALTER TABLE t DROP b; DROP TABLE t; CREATE TABLE t (a text PRIMARY KEY, b int);
      CREATE KEYSPACE x WITH replication = {}; CREATE TABLE x.t (a int PRIMARY KEY); DROP KEYSPACE x; DROP TABLE IF EXISTS y.t; DROP TYPE IF EXISTS q;`;
    expect(table(text)).toMatchObject({ dropped: [], partitionKey: [{ type: { kind: 'text' } }] });
    expect(tableOfCql(parseCqlSchema(text, 'k'), 'x', 't')).toBeUndefined();
  });

  it('name the place of what they do not understand', () => {
    for (const [text, what] of [
      ['CREATE INDEX i ON t (b)\nCREATE TABLE t (a int PRIMARY KEY);', 'CQL line 2, column 1: CREATE inside another statement: is a semicolon missing before it?'],
      ['\n  FROB x;', 'CQL line 2, column 3: the statement FROB is not known'],
      ['CREATE GRAPH g;', 'CREATE GRAPH is not known'], ['ALTER GRAPH g;', 'ALTER GRAPH is not known'], ['DROP GRAPH g;', 'DROP GRAPH is not known'],
      ['DROP TABLE t;', 'there is no t to drop'], ['"x"', 'a statement cannot begin with "x"'],
      ['CREATE TYPE t (a int', 'expected ")", found the end of the text'], ['ALTER TYPE t ADD a int', 'there is no type t at this point'],
    ]) expect(() => parseCqlSchema(text, 'k')).toThrow(what);
  });

  it('answer any text with a schema or a coded error', () => {
    const words = ['CREATE', 'TABLE', 'TYPE', 'ALTER', 'DROP', 'ADD', 'RENAME', 'TO', 'k', 't', 'u', 'a', 'b', '"c"', 'int', 'list', '<', '>', '(', ')', ',', ';', '.', 'PRIMARY', 'KEY', 'WITH', 'COMPACT', 'STORAGE',
      'AND', '=', '{', '}', '\'x\'', '1', 'static', 'IF', 'NOT', 'EXISTS', 'MATERIALIZED', 'VIEW', 'AS', 'SELECT', '*', 'FROM', 'WHERE', 'USING', 'TIMESTAMP', 'CLUSTERING', 'ORDER', 'BY', 'DESC', 'frozen', 'USE', 'COPY\n',
      'CREATE TABLE t (a int PRIMARY KEY, b u);', 'CREATE TYPE u (a int);', 'ALTER TABLE t ', 'ALTER TYPE u '];
    const allTables = (text: string): void => {
      try {
        const schema = parseCqlSchema(text, 'k');
        for (const { name, tables } of schema.values()) for (const one of tables.keys()) tableOfCql(schema, name, one);
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
      }
    };
    fc.assert(fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (pieces) => {
      expect(() => allTables(pieces.join(' '))).not.toThrow();
    }), { numRuns: 3000 });
  });
});
