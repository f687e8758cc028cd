// Progress for people: one line on the terminal that redraws itself a few times a second. For programs: one JSON object a line.

export interface ProgressState {
  readonly phase: string;
  readonly tablesDone: number;
  readonly tables: number;
  /** Between 0 and 1. */
  readonly fraction: number;
  readonly rows: number;
  readonly items: number;
  readonly rejected: number;
  readonly rowsPerSecond: number;
}

export interface ProgressView {
  show(state: ProgressState): void;
  /** Something worth a line of its own: it stays, the progress moves on below it. */
  note(text: string): void;
  end(): void;
}

const REDRAW_MILLIS = 100;
const BAR_WIDTH = 24;
/** Of a terminal that does not say. */
const DEFAULT_COLUMNS = 80;

/** A bar on a terminal; without one, only the notes. */
export function progressView(stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? new ProgressBar(stream) : { show() {}, note: (text) => stream.write(`${text}\n`), end() {} };
}

class ProgressBar implements ProgressView {
  readonly #stream: NodeJS.WriteStream;
  readonly #startMillis = Date.now();
  #drawnMillis = 0;
  #line = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(state: ProgressState): void {
    const now = Date.now();
    if (now - this.#drawnMillis < REDRAW_MILLIS) return;
    this.#drawnMillis = now;
    this.#line = describe(state, (now - this.#startMillis) / 1000);
    this.#stream.write(`\r${this.#line.slice(0, (this.#stream.columns || DEFAULT_COLUMNS) - 1)}\u001b[K`);
  }

  note(text: string): void {
    this.#stream.write(`\r\u001b[K${text}\n${this.#line}`);
  }

  end(): void {
    this.#stream.write('\r\u001b[K');
    this.#line = '';
  }
}

function describe(state: ProgressState, seconds: number): string {
  const filled = Math.round(state.fraction * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  const rejected = state.rejected === 0 ? '' : `  ${count(state.rejected)} rejected`;
  return `${state.phase.padEnd(8)} ${bar} ${String(Math.floor(state.fraction * 100)).padStart(3)} %  tables ${state.tablesDone}/${state.tables}  `
    + `${count(state.rows)} rows  ${count(Math.round(state.rowsPerSecond))}/s${rejected}  ${clock(seconds)}`;
}

/** A count with thousands separated. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
