import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from './memory-files.ts';
import { liveSSTables } from './sstable-files.ts';

const T = 'data/ks/t-ba3b51e0e6a811f1b39d55d299cd04c8';
const NODE = '/var/lib/cassandra/data/ks/t-ba3b51e0e6a811f1b39d55d299cd04c8';
const LOG = `${T}/mc_txn_compaction_6b1a2f10-e6a8-11f1-b39d-55d299cd04c8.log`;

// As LogRecord of Cassandra 3.0.0 and 3.11.2 writes them.
const ADD_3 = `ADD:[${NODE}/mc-3-big,0,0][3482078768]`;
const REMOVE_1 = `REMOVE:[${NODE}/mc-1-big,1500000000123,8][1002852029]`;
const REMOVE_2 = `REMOVE:[${NODE}/mc-2-big,1500000000123,8][1294169984]`;
const COMMIT = 'COMMIT:[,0,0][2613697770]';
const ABORT = 'ABORT:[,0,0][737437348]';

const sstable = (prefix: string, directory = T): Record<string, string> =>
  Object.fromEntries(['Data.db', 'Index.db', 'Statistics.db', 'TOC.txt', 'Summary.db', 'Filter.db'].map((component) => [`${directory}/${prefix}-${component}`, '']));
const live = async (contents: Record<string, string>): Promise<string[]> => (await liveSSTables(memoryFiles(contents), T)).map((path) => path.slice(T.length + 1));
const afterLog = (...lines: string[]): Promise<string[]> => live({ ...sstable('mc-1-big'), ...sstable('mc-2-big'), ...sstable('mc-3-big'), ...sstable('mc-10-big'), [LOG]: `${lines.join('\n')}\n` });

describe('liveSSTables', () => {
  it('lists by generation, and only what is the table', async () => {
    const contents = {
      ...sstable('mc-10-big'), ...sstable('mc-9-big'), ...sstable('ma-1-big'), [`${T}/backups/mc-1-big-Data.db`]: '', [`${T}/snapshots/s/mc-2-big-Data.db`]: '', [`${T}/.i/mc-3-big-Data.db`]: '',
      [`${T}/manifest.json`]: '', [`${T}/tmp-la-5-big-Data.db`]: '', [`${T}/tmplink-la-6-big-Data.db`]: '', [`${T}/ks-t-tmp-ka-7-Data.db`]: '', [`${T}/ks-t.i-ka-8-Data.db`]: '', [`${T}/mc-9-big-SI_x.db`]: '',
      [`${T}/mc-11-big-Summary.db`]: '',
    };
    expect(await live(contents)).toEqual(['ma-1-big-Data.db', 'mc-9-big-Data.db', 'mc-10-big-Data.db']);
  });

  it('misses a Data.db that other components call for', async () => {
    await expect(live({ [`${T}/mc-5-big-TOC.txt`]: '', [`${T}/mc-5-big-Index.db`]: '' })).rejects.toThrow(expect.objectContaining({
      code: 'SSTABLE_COMPONENT_MISSING', message: `Data.db is not there, Index.db, TOC.txt are (${T}/mc-5-big-Data.db)`,
    }));
  });

  it('takes the result of a compaction that was committed, its input otherwise', async () => {
    expect(await afterLog(ADD_3, REMOVE_1, REMOVE_2, COMMIT)).toEqual(['mc-3-big-Data.db', 'mc-10-big-Data.db']);
    const input = ['mc-1-big-Data.db', 'mc-2-big-Data.db', 'mc-10-big-Data.db'];
    expect(await afterLog(ADD_3, REMOVE_1, REMOVE_2, ABORT)).toEqual(input);
    expect(await afterLog(ADD_3, REMOVE_1, REMOVE_2)).toEqual(input);
    expect(await afterLog(ADD_3)).toEqual(input);
    expect(await afterLog('')).toEqual(['mc-1-big-Data.db', 'mc-2-big-Data.db', 'mc-3-big-Data.db', 'mc-10-big-Data.db']);
  });

  it('takes a last record that was cut off as not written', async () => {
    const input = ['mc-1-big-Data.db', 'mc-2-big-Data.db', 'mc-10-big-Data.db'];
    expect(await afterLog(ADD_3, REMOVE_1, REMOVE_2, COMMIT.slice(0, -2))).toEqual(input);
    expect(await afterLog(ADD_3, REMOVE_1, REMOVE_2, COMMIT.replace('2613697770', '1'))).toEqual(input);
  });

  it('does not go by a log that is damaged', async () => {
    for (const lines of [[ADD_3.replace('mc-3', 'mc-4'), COMMIT], [ADD_3, 'nonsense', COMMIT], [ADD_3, COMMIT, REMOVE_1], [REMOVE_1.replace(',8]', ',7]'), COMMIT]]) {
      await expect(afterLog(...lines)).rejects.toThrow(expect.objectContaining({ code: 'SSTABLE_CORRUPT', place: { file: LOG } }));
    }
  });

  it('does without the output of an unfinished compaction, complete or not, but not without its input', async () => {
    expect(await live({ ...sstable('mc-1-big'), [`${T}/mc-3-big-Index.db`]: '', [LOG]: `${ADD_3}\n${REMOVE_1}` })).toEqual(['mc-1-big-Data.db']);
    await expect(live({ ...sstable('mc-3-big'), ...sstable('mc-1-big'), [LOG]: `${ADD_3}\n${REMOVE_1}\n${REMOVE_2}` }))
      .rejects.toThrow(expect.objectContaining({ code: 'SSTABLE_COMPONENT_MISSING', place: { file: LOG } }));
  });

  it('expects only the input that lies in this directory, where a node has several', async () => {
    const path = '/data2/ks/t-ba3b51e0e6a811f1b39d55d299cd04c8/mc-2-big';
    const checksum = crc32(Buffer.concat([Buffer.from(`${path}REMOVE`), Buffer.alloc(12)]));
    expect(await live({ ...sstable('mc-1-big'), [LOG]: `${ADD_3}\n${REMOVE_1}\nREMOVE:[${path},0,0][${checksum}]` })).toEqual(['mc-1-big-Data.db']);
  });
});
