// Pages of a report: headings, paragraphs, tables whose header is on each page, page numbers. Text is text: it can be selected and searched.

import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { create } from 'fontkit';
import type { Font } from 'fontkit';
// Its types know the default export only.
// oxlint-disable-next-line import/no-named-as-default
import PDFDocument from 'pdfkit';

const MARGIN = 40;
const LINE_HEIGHT = 1.3;
const CELL_PADDING = 4;
const GREY = '#545b64';
const RULE = '#c6c6cd';
const HEADER_FILL = '#ebebf0';
/** A cell of more lines than this would be a page of its own. */
const MAX_CELL_LINES = 30;
/** Others of the server have their turn after so much work. */
const TURN_MILLIS = 20;
/** Scripts from right to left need an order of glyphs that is not made here; unassigned, private and invisible characters show nothing. */
const UNSHOWABLE = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

type FontName = 'regular' | 'bold';
const FONT_FILES: Readonly<Record<FontName, string>> = { regular: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' };

export interface PdfColumn {
  readonly title: string;
  /** Of all that the columns share. */
  readonly width: number;
  readonly isNumber?: boolean;
}

export class PdfReport {
  readonly #doc: PDFKit.PDFDocument;
  readonly #font: Font;
  readonly #widths = new Map<string, number>();
  #turnStarted = performance.now();

  private constructor(doc: PDFKit.PDFDocument, font: Font) {
    this.#doc = doc;
    this.#font = font;
  }

  static async open(title: string, madeMillis: number): Promise<PdfReport> {
    const [regular, bold] = await Promise.all((['regular', 'bold'] as const).map((name) => readFile(new URL(`fonts/${FONT_FILES[name]}`, import.meta.url))));
    const doc = new PDFDocument({ size: 'A4', layout: 'landscape', margin: MARGIN, bufferPages: true, lang: 'en', displayTitle: true, info: { Title: title, Producer: 'Aeneas', Creator: 'Aeneas', CreationDate: new Date(madeMillis) } });
    doc.registerFont('regular', regular);
    doc.registerFont('bold', bold);
    return new PdfReport(doc, create(regular) as Font);
  }

  title(text: string): void {
    this.#lines(text, 20, 'bold');
    this.#doc.y += 4;
  }

  section(text: string): void {
    this.#doc.y += 12;
    if (this.#room < 90) this.#doc.addPage();
    this.#doc.outline.addItem(text);
    this.#lines(text, 13, 'bold');
    this.#doc.y += 4;
  }

  paragraph(text: string): void {
    this.#lines(text, 9, 'regular', GREY);
    this.#doc.y += 4;
  }

  async table(columns: readonly PdfColumn[], rows: readonly (readonly string[])[]): Promise<void> {
    const sum = columns.reduce((total, { width }) => total + width, 0);
    const widths = columns.map(({ width }) => width / sum * this.#innerWidth);
    this.#row(columns, widths, columns.map(({ title }) => title), 'bold', () => {});
    for (const cells of rows) {
      this.#row(columns, widths, cells, 'regular', () => this.#row(columns, widths, columns.map(({ title }) => title), 'bold', () => {}));
      await this.#yield();
    }
    this.#doc.y += 6;
  }

  /** The file. */
  async end(footer: string): Promise<Uint8Array> {
    const doc = this.#doc;
    const { count } = doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      doc.switchToPage(page);
      // Below the margin text would ask for a new page.
      doc.page.margins.bottom = 0;
      doc.font('regular').fontSize(8).fillColor(GREY);
      const number = `Page ${page + 1} of ${count}`;
      const y = doc.page.height - MARGIN + 12;
      doc.text(this.showable(footer), MARGIN, y, { lineBreak: false });
      doc.text(number, doc.page.width - MARGIN - doc.widthOfString(number), y, { lineBreak: false });
      await this.#yield();
    }
    const pieces: Buffer[] = [];
    doc.on('data', (piece: Buffer) => pieces.push(piece));
    await new Promise<void>((resolve, reject) => {
      doc.once('end', resolve);
      doc.once('error', reject);
      doc.end();
    });
    return Buffer.concat(pieces);
  }

  /** What the font cannot show stands there as it is escaped in JavaScript: \u{4E2D}. */
  showable(text: string): string {
    return [...text].map((character) => (character === '\n' || (this.#font.hasGlyphForCodePoint(character.codePointAt(0)!) && !UNSHOWABLE.test(character)) ? character : `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`)).join('');
  }

  get #innerWidth(): number {
    return this.#doc.page.width - 2 * MARGIN;
  }

  /** Down to the margin. */
  get #room(): number {
    return this.#doc.page.height - MARGIN - this.#doc.y;
  }

  #lines(text: string, fontSize: number, font: FontName, colour = '#000000'): void {
    const doc = this.#doc;
    for (const line of this.#wrapped(this.showable(text), this.#innerWidth, fontSize, font)) {
      if (this.#room < fontSize * LINE_HEIGHT) doc.addPage();
      const { y } = doc;
      doc.font(font).fontSize(fontSize).fillColor(colour).text(line, MARGIN, y, { lineBreak: false });
      doc.y = y + fontSize * LINE_HEIGHT;
    }
  }

  #row(columns: readonly PdfColumn[], widths: readonly number[], cells: readonly string[], font: FontName, onNewPage: () => void): void {
    const doc = this.#doc;
    const fontSize = 8;
    const lines = cells.map((cell, i) => this.#cellLines(cell, widths[i] - 2 * CELL_PADDING, fontSize, font));
    const height = Math.max(...lines.map(({ length }) => length)) * fontSize * LINE_HEIGHT + 2 * CELL_PADDING;
    // A header stays with its first row.
    if (this.#room < height + (font === 'bold' ? 30 : 0)) {
      doc.addPage();
      onNewPage();
    }
    const { y } = doc;
    if (font === 'bold') doc.rect(MARGIN, y, this.#innerWidth, height).fill(HEADER_FILL);
    let x = MARGIN;
    for (const [i, { isNumber = false }] of columns.entries()) {
      doc.font(font).fontSize(fontSize).fillColor('#000000');
      for (const [n, line] of lines[i].entries()) {
        const left = isNumber ? x + widths[i] - CELL_PADDING - this.#widthOf(line, fontSize, font) : x + CELL_PADDING;
        doc.text(line, left, y + CELL_PADDING + n * fontSize * LINE_HEIGHT, { lineBreak: false });
      }
      x += widths[i];
    }
    doc.moveTo(MARGIN, y + height).lineTo(MARGIN + this.#innerWidth, y + height).lineWidth(0.5).stroke(RULE);
    doc.y = y + height;
  }

  #cellLines(text: string, width: number, fontSize: number, font: FontName): string[] {
    const lines = this.#wrapped(this.showable(text), width, fontSize, font);
    return lines.length <= MAX_CELL_LINES ? lines : [...lines.slice(0, MAX_CELL_LINES - 1), '...'];
  }

  /** Between words where that is possible, and within them where a word is longer than a line. */
  #wrapped(text: string, width: number, fontSize: number, font: FontName): string[] {
    return text.split('\n').flatMap((paragraph) => {
      const lines: string[] = [];
      let line = '';
      for (const word of paragraph.split(/(?<=\s)/)) {
        if (line !== '' && this.#widthOf((line + word).trimEnd(), fontSize, font) > width) {
          lines.push(line.trimEnd());
          line = '';
        }
        for (const character of word) {
          if (line !== '' && this.#widthOf(line + character.trimEnd(), fontSize, font) > width) {
            lines.push(line);
            line = '';
          }
          line += character;
        }
      }
      return [...lines, line.trimEnd()];
    });
  }

  /** Without kerning, which makes text narrower. */
  #widthOf(text: string, fontSize: number, font: FontName): number {
    let width = 0;
    for (const character of text) width += this.#advance(character, font);
    return width * fontSize / 100;
  }

  #advance(character: string, font: FontName): number {
    const key = `${font}${character}`;
    const known = this.#widths.get(key);
    if (known !== undefined) return known;
    const width = this.#doc.font(font).fontSize(100).widthOfString(character);
    this.#widths.set(key, width);
    return width;
  }

  async #yield(): Promise<void> {
    if (performance.now() - this.#turnStarted < TURN_MILLIS) return;
    await setImmediate();
    this.#turnStarted = performance.now();
  }
}
