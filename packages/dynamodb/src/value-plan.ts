// What becomes of a value of each CQL type (docs/MAPPING.md, "Types"), decided once per table: the hot path only switches on a code.

import { VectorElements, isMultiCell, neutralCellsWriterOf, neutralWriterOf } from '@aeneas/cassandra';
import type { CqlType, Row, ScalarName } from '@aeneas/cassandra';
import { Constant } from './constant.ts';

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'L' | 'M' | 'SS' | 'NS' | 'BS' | 'NULL';

/** How a value is written. The same number always for the same shape of input bytes and of output. */
export const TEXT = 0, ASCII = 1, INT = 2, BIGINT = 3, SMALLINT = 4, TINYINT = 5, TIMESTAMP = 6, COUNTER = 7, DOUBLE = 8, FLOAT = 9,
  BOOLEAN = 10, BLOB = 11, UUID = 12, INET = 13, DATE = 14, TIME = 15, DURATION = 16, VARINT = 17, DECIMAL = 18, LIST = 19, SET = 20,
  MAP = 21, PAIRS = 22, TUPLE = 23, UDT = 24, NOTHING = 25, TIMESTAMP_TEXT = 26, DOUBLE_TEXT = 27, FLOAT_TEXT = 28, VARINT_TEXT = 29, DECIMAL_TEXT = 30,
  VECTOR = 31, JSON_TEXT = 32, BASE64_TEXT = 33;

/** A value's way into an attribute. */
export interface ValuePlan {
  readonly code: number;
  readonly attributeType: AttributeType;
  /** What comes before and after the content: `{"S":"` and `"}`. */
  readonly open: Constant;
  readonly close: Constant;
  readonly isNumber: boolean;
  /** A value of zero bytes is `{"NULL":true}`; otherwise it is empty content. */
  readonly emptyIsNull: boolean;
  /** Neither a collection nor a tuple nor a user type. */
  readonly isScalar: boolean;
  /** Element of a list, set or vector, value of a map. */
  readonly element: ValuePlan | undefined;
  readonly key: ValuePlan | undefined;
  readonly fields: readonly FieldPlan[] | undefined;
  /** Steps through the elements of a vector. */
  readonly vector: VectorElements | undefined;
  /** A set that is written as a list: where its elements are cells of their own, they are the cells' paths. */
  readonly isSetAsList: boolean;
  /** Digits that a number may have before and after its point, beyond what N takes anyway. */
  readonly maxWholeDigits: number;
  readonly maxFractionDigits: number;
  /** JSON text of a value in one piece, and of cells [first, end) of a row. */
  readonly json: JsonForm | undefined;
  /** Levels of lists and maps below and with this one. */
  readonly depth: number;
}

interface JsonForm {
  readonly ofValue: (from: Uint8Array, start: number, end: number) => string;
  readonly ofCells: ((row: Row, first: number, end: number) => string) | undefined;
}

/** A field of a UDT or tuple. */
export interface FieldPlan {
  /** `"name":` as JSON; empty for tuples. */
  readonly label: Constant;
  /** Bytes that DynamoDB counts for the name. */
  readonly nameBytes: number;
  readonly value: ValuePlan;
}

/** Which leaves are written as S although they are numbers. */
export type NumbersAsText = 'none' | 'inexact' | 'all';

export interface ValueOptions {
  /** Strings, numbers and booleans only: docs/MAPPING.md, "The profile dms". */
  readonly profile?: 'native' | 'dms' | undefined;
  readonly numbersAsText: NumbersAsText;
  /** The outermost set as a list, or a frozen one as a set. */
  readonly set?: 'list' | 'set';
}

const DELIMITERS: Record<AttributeType, readonly [string, string]> = {
  S: ['{"S":"', '"}'], N: ['{"N":"', '"}'], B: ['{"B":"', '"}'], BOOL: ['{"BOOL":', '}'], NULL: ['{"NULL":', '}'],
  L: ['{"L":[', ']}'], SS: ['{"SS":[', ']}'], NS: ['{"NS":[', ']}'], BS: ['{"BS":[', ']}'], M: ['{"M":{', '}}'],
};

const SCALARS: Record<ScalarName, readonly [number, AttributeType]> = {
  ascii: [ASCII, 'S'], text: [TEXT, 'S'], tinyint: [TINYINT, 'N'], smallint: [SMALLINT, 'N'], int: [INT, 'N'], bigint: [BIGINT, 'N'],
  counter: [COUNTER, 'N'], varint: [VARINT, 'N'], decimal: [DECIMAL, 'N'], float: [FLOAT, 'N'], double: [DOUBLE, 'N'], timestamp: [TIMESTAMP, 'N'],
  boolean: [BOOLEAN, 'BOOL'], blob: [BLOB, 'B'], uuid: [UUID, 'S'], timeuuid: [UUID, 'S'], inet: [INET, 'S'], date: [DATE, 'S'], time: [TIME, 'S'],
  duration: [DURATION, 'S'], empty: [NOTHING, 'NULL'],
};

/** Text forms of numbers; the integers' is the digits that they have as N. */
const TEXT_FORMS: Partial<Record<ScalarName, number>> = {
  tinyint: TINYINT, smallint: SMALLINT, int: INT, bigint: BIGINT, counter: COUNTER, varint: VARINT_TEXT, decimal: DECIMAL_TEXT,
  float: FLOAT_TEXT, double: DOUBLE_TEXT, timestamp: TIMESTAMP_TEXT,
};
/** Types with values that N cannot hold. */
const INEXACT = new Set<CqlType['kind']>(['varint', 'decimal', 'float', 'double']);
/** Types of which two members that Cassandra keeps apart may be the same number. */
const NOT_IN_NUMBER_SETS = new Set<CqlType['kind']>(['decimal', 'float', 'double']);

/** Decides the attribute of a CQL type. */
export function valuePlanOf(type: CqlType, options: ValueOptions): ValuePlan {
  return (options.profile === 'dms' ? dmsPlanOf(type, options) : undefined) ?? nativePlanOf(type, options);
}

/** NUMERIC of AWS DMS has up to 38 digits, and one scale for all rows of a column. */
const NUMERIC_DIGITS = 38;
const NUMERIC_SCALE = 10;

/** What the profile dms has otherwise. */
function dmsPlanOf(type: CqlType, { numbersAsText }: ValueOptions): ValuePlan | undefined {
  switch (type.kind) {
    case 'list': case 'set': case 'map': case 'tuple': case 'udt': case 'vector':
      return plan(JSON_TEXT, 'S', { json: { ofValue: neutralWriterOf(type), ofCells: isMultiCell(type) ? neutralCellsWriterOf(type) : undefined } });
    case 'blob': case 'composite': case 'custom':
      return plan(BASE64_TEXT, 'S');
    case 'timestamp':
      return plan(TIMESTAMP_TEXT, 'S');
    case 'varint':
      return numbersAsText === 'none' ? plan(VARINT, 'N', { maxWholeDigits: NUMERIC_DIGITS }) : undefined;
    case 'decimal':
      return numbersAsText === 'none' ? plan(DECIMAL, 'N', { maxWholeDigits: NUMERIC_DIGITS - NUMERIC_SCALE, maxFractionDigits: NUMERIC_SCALE }) : undefined;
    default:
      return undefined;
  }
}

function nativePlanOf(type: CqlType, options: ValueOptions): ValuePlan {
  const inner: ValueOptions = { numbersAsText: options.numbersAsText };
  switch (type.kind) {
    case 'composite':
    case 'custom':
      return plan(BLOB, 'B');
    case 'list': {
      const element = valuePlanOf(type.element, inner);
      return plan(LIST, 'L', { element, depth: element.depth + 1 });
    }
    case 'set': {
      const element = valuePlanOf(type.element, inner);
      const asSet = options.set === undefined ? isMultiCell(type) : options.set === 'set';
      const attributeType = asSet ? setTypeOf(type.element, element) : 'L';
      return attributeType === 'L' ? plan(LIST, 'L', { element, isSetAsList: true, depth: element.depth + 1 }) : plan(SET, attributeType, { element });
    }
    case 'vector': {
      const element = valuePlanOf(type.element, inner);
      return plan(VECTOR, 'L', { element, vector: new VectorElements(type), depth: element.depth + 1 });
    }
    case 'map': {
      const key = valuePlanOf(type.key, inner);
      const element = valuePlanOf(type.value, inner);
      const depth = Math.max(key.depth, element.depth) + 1;
      if (type.key.kind === 'text' || type.key.kind === 'ascii') return plan(MAP, 'M', { key, element, depth });
      return plan(PAIRS, 'L', { key, element, depth: depth + 1 });
    }
    case 'tuple': {
      const fields = type.elements.map((element) => ({ label: new Constant(''), nameBytes: 0, value: valuePlanOf(element, inner) }));
      return plan(TUPLE, 'L', { fields, depth: deepest(fields) + 1 });
    }
    case 'udt': {
      const fields = type.fields.map((field) => ({ label: new Constant(jsonLabel(field.name)), nameBytes: Buffer.byteLength(field.name), value: valuePlanOf(field.type, inner) }));
      return plan(UDT, 'M', { fields, depth: deepest(fields) + 1 });
    }
    default: {
      const [code, attributeType] = SCALARS[type.kind];
      const textForm = options.numbersAsText === 'all' || (options.numbersAsText === 'inexact' && INEXACT.has(type.kind)) ? TEXT_FORMS[type.kind] : undefined;
      return textForm === undefined ? plan(code, attributeType) : plan(textForm, 'S');
    }
  }
}

/** `"name":` in JSON. */
export function jsonLabel(name: string): string {
  return `${JSON.stringify(name)}:`;
}

/** All plans have the same shape, whatever their type has: the hot path reads them by one layout. */
function plan(code: number, attributeType: AttributeType, {
  element, key, fields, vector, isSetAsList = false, depth = 0, maxWholeDigits = Infinity, maxFractionDigits = Infinity, json,
}: Partial<ValuePlan> = {}): ValuePlan {
  const [open, close] = DELIMITERS[attributeType];
  return {
    code, attributeType, open: new Constant(open), close: new Constant(close),
    isNumber: attributeType === 'N', emptyIsNull: attributeType !== 'S' && attributeType !== 'B', isScalar: code < LIST || (code > UDT && code !== VECTOR),
    element, key, fields, vector, isSetAsList, depth, maxWholeDigits, maxFractionDigits, json,
  };
}

function setTypeOf(type: CqlType, element: ValuePlan): 'SS' | 'NS' | 'BS' | 'L' {
  if (element.attributeType === 'S') return 'SS';
  if (element.attributeType === 'N') return NOT_IN_NUMBER_SETS.has(type.kind) ? 'L' : 'NS';
  return type.kind === 'blob' ? 'BS' : 'L';
}

function deepest(fields: readonly FieldPlan[]): number {
  return fields.reduce((most, field) => Math.max(most, field.value.depth), 0);
}
