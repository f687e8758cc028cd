/** One line of the report. */
export interface Measured {
  /** What was run: "aeneas items", "sstabledump". */
  readonly what: string;
  /** On what. */
  readonly input: string;
  readonly rows: number;
  /** Compressed bytes of SSTables read, or of requests sent. */
  readonly bytes: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  /** Set on our line where a peer did the same work: our CPU seconds over its. */
  readonly cpuRatio?: number;
}

export interface BenchReport {
  readonly machine: string;
  readonly notes: readonly string[];
  readonly measured: readonly Measured[];
}

const COLUMNS: readonly { readonly title: string; readonly of: (line: Measured) => string }[] = [
  { title: 'what', of: (line) => line.what },
  { title: 'input', of: (line) => line.input },
  { title: 'rows', of: (line) => count(line.rows) },
  { title: 'rows/s', of: (line) => count(line.rows / line.wallSeconds) },
  { title: 'MB/s', of: (line) => (line.bytes / 1e6 / line.wallSeconds).toFixed(1) },
  { title: 'CPU s', of: (line) => line.cpuSeconds.toFixed(2) },
  { title: 'rows/CPU s', of: (line) => count(line.rows / line.cpuSeconds) },
  { title: 'peak MB', of: (line) => (line.peakMegabytes > 0 ? line.peakMegabytes.toFixed(0) : '') },
  { title: 'CPU of the peer\'s', of: (line) => (line.cpuRatio === undefined ? '' : `${(line.cpuRatio * 100).toFixed(0)} %`) },
];

/** The report as a table for people. */
export function reportText(report: BenchReport): string {
  const rows = [COLUMNS.map(({ title }) => title), ...report.measured.map((line) => COLUMNS.map(({ of }) => of(line)))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const table = rows.map((row) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ').trimEnd());
  return [report.machine, ...report.notes, '', ...table, ''].join('\n');
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
