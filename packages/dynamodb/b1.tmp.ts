import { TableReader, loadTable, localFiles, PARTITION, ROW, END, PENDING } from '@aeneas/cassandra';
import { planTable } from './src/table-plan.ts';
import { ItemEncoder } from './src/item-encoder.ts';
import { readFileSync } from 'node:fs';
const dir = process.argv[2]; const schema = process.argv[3]; const [ks, name] = process.argv[4].split('.');
const { table, dataFiles } = await loadTable({ files: localFiles, directories: [dir], schemaText: schema ? readFileSync(schema, 'utf8') : undefined, keyspace: ks, name } as any);
const reader = await TableReader.open(localFiles, table, dataFiles);
for (const mode of ['read','encode','read','encode','read','encode','read','encode','read','encode']) {
  const cursor = await reader.liveRows({ nowSeconds: 1700000000 });
  const plan = planTable(table, { rules: [] });
  const enc = new ItemEncoder(plan);
  let rows = 0, bytes = 0, first = '';
  const t0 = process.cpuUsage(); 
  for (;;) {
    const f = cursor.advance();
    if (f === END) break;
    if (f === PENDING) { await cursor.fill(); continue; }
    if (mode === 'read') { if (f === ROW) rows++; continue; }
    if (f === PARTITION) { enc.startPartition(cursor.partition); if (cursor.partition.hasStaticRow) enc.encodeStaticItem(); }
    else if (f === ROW) { enc.encodeRow(cursor.row); rows++; if (rows === 1) first = enc.out.toString(); }
    if (enc.out.length > 1e6) { bytes += enc.out.length; enc.out.length = 0; }
  }
  const cpu = process.cpuUsage(t0);
  console.log(mode, rows, 'rows', ((cpu.user + cpu.system) * 1000 / rows).toFixed(0), 'ns/row', bytes);
  
}
