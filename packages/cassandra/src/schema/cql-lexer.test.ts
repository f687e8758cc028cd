import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../errors.ts';
import { tokenizeCql } from './cql-lexer.ts';
import type { CqlToken } from './cql-lexer.ts';

/** No tokens for text that is answered with a coded error; any other error passes. */
function tokensOrNone(text: string): CqlToken[] {
  try {
    return tokenizeCql(text);
  } catch (error) {
    if (error instanceof CodedError) return [];
    throw error;
  }
}

const values = (text: string): string[] => tokenizeCql(text).slice(0, -1).map(({ kind, value }) => `${kind}:${value}`);

describe('tokenizeCql', () => {
  it('folds bare words and keeps quoted ones', () => {
    expect(values('Create "Mixed ""Case""" x_1')).toEqual(['word:create', 'quoted:Mixed "Case"', 'word:x_1']);
  });

  it('takes strings and $$ bodies as one token, whatever is in them', () => {
    expect(values(`'it''s; -- no /* comment' $$ return "a'b; $1"; $$`)).toEqual(['string:it\'s; -- no /* comment', 'string: return "a\'b; $1"; ']);
  });

  it('drops all three kinds of comment', () => {
    expect(values('a -- x; \'\nb // "y\r\nc /* CREATE\n */ d')).toEqual(['word:a', 'word:b', 'word:c', 'word:d']);
  });

  it('tells a uuid from a word or a number before a minus', () => {
    expect(values('ID = afddfb9d-bc1e-3068-8056-eed6c302ba09')).toEqual(['word:id', 'symbol:=', 'uuid:afddfb9d-bc1e-3068-8056-eed6c302ba09']);
    expect(values('5a1c395e-b41f-11e5-9f22-ba0be0483c18 -1.5E-3 0xCAFE')).toEqual(['uuid:5a1c395e-b41f-11e5-9f22-ba0be0483c18', 'symbol:-', 'number:1.5E-3', 'number:0xCAFE']);
  });

  it('says where text ends too early or makes no sense', () => {
    expect(() => tokenizeCql('a\n  \'never')).toThrow('CQL line 2, column 3: this string is never closed');
    expect(() => tokenizeCql('"x""')).toThrow('CQL line 1, column 1: this quoted name is never closed');
    expect(() => tokenizeCql('/* *')).toThrow('this comment is never closed');
    expect(() => tokenizeCql('$$ x $')).toThrow('this $$ body is never closed');
    expect(() => tokenizeCql('a 𝄞')).toThrow('CQL line 1, column 3: unexpected character "𝄞"');
  });

  it('answers any text with tokens that are parts of it in order, or with a coded error', () => {
    const piece = fc.oneof(fc.constantFrom('\'', '"', '$$', '--', '/*', '*/', '//', '\n', ';', '\'\'', '$', 'create', '0x', '-', '1e', '\u0000', 'ä'), fc.string({ unit: 'binary' }));
    fc.assert(fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      let at = 0;
      for (const token of tokensOrNone(text)) {
        expect(token.offset).toBeGreaterThanOrEqual(at);
        expect(text.startsWith(token.text, token.offset)).toBe(true);
        at = token.offset + token.text.length;
      }
    }));
  });

  it('takes time that grows with the text only', () => {
    for (const text of ['"'.repeat(1_000_001), '\'a'.repeat(500_000), '/'.repeat(1_000_000), '$'.repeat(1_000_001), 'a'.repeat(1_000_000), '1e'.repeat(500_000), '-a'.repeat(500_000)]) {
      const start = performance.now();
      tokensOrNone(text);
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });
});
