// A table's schema on the wire: the very objects of the reader (TableMetadata, CqlType), since they decide what a job's rows are.

import { z } from 'zod';
import { integerCodec } from './codecs.ts';

const scalarName = z.enum([
  'ascii', 'bigint', 'blob', 'boolean', 'counter', 'date', 'decimal', 'double', 'duration', 'float', 'inet', 'int', 'smallint',
  'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid', 'varint', 'empty',
]);

/** A CQL type as the program has it (`value`) and as it is sent (`wire`): a Map is a list of pairs there. */
type TypeForm<Form extends 'value' | 'wire'> =
  | { readonly kind: z.output<typeof scalarName>; readonly legacyOrder?: 'DateType' | 'LexicalUUIDType' | undefined }
  | { readonly kind: 'list'; readonly element: TypeForm<Form>; readonly frozen: boolean }
  | { readonly kind: 'set'; readonly element: TypeForm<Form>; readonly frozen: boolean }
  | { readonly kind: 'map'; readonly key: TypeForm<Form>; readonly value: TypeForm<Form>; readonly frozen: boolean }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeForm<Form>[] }
  | { readonly kind: 'udt'; readonly keyspace: string; readonly name: string; readonly fields: readonly { readonly name: string; readonly type: TypeForm<Form> }[]; readonly frozen: boolean }
  | { readonly kind: 'composite'; readonly elements: readonly TypeForm<Form>[]; readonly reversed: readonly boolean[]; readonly className: string }
  | { readonly kind: 'custom'; readonly className: string; readonly aliases?: Aliases<Form> | undefined };
interface OrderedForm<Form extends 'value' | 'wire'> { readonly type: TypeForm<Form>; readonly reversed: boolean }
type Aliases<Form extends 'value' | 'wire'> = Form extends 'value' ? ReadonlyMap<number, OrderedForm<Form>> : readonly (readonly [number, OrderedForm<Form>])[];

const cqlTypeSchema: z.ZodType<TypeForm<'value'>, TypeForm<'wire'>> = z.lazy(() => cqlTypeUnion) as never;
const orderedType = z.strictObject({ type: cqlTypeSchema, reversed: z.boolean() });
const aliasesCodec = z.codec(z.array(z.tuple([z.int(), orderedType])), z.map(z.int(), z.any()), {
  decode: (pairs) => new Map(pairs), encode: (aliases) => [...aliases] as [number, never][],
});
const cqlTypeUnion = z.discriminatedUnion('kind', [
  z.strictObject({ kind: scalarName, legacyOrder: z.enum(['DateType', 'LexicalUUIDType']).optional() }),
  z.strictObject({ kind: z.literal(['list', 'set']), element: cqlTypeSchema, frozen: z.boolean() }),
  z.strictObject({ kind: z.literal('map'), key: cqlTypeSchema, value: cqlTypeSchema, frozen: z.boolean() }),
  z.strictObject({ kind: z.literal('tuple'), elements: z.array(cqlTypeSchema) }),
  z.strictObject({ kind: z.literal('udt'), keyspace: z.string(), name: z.string(), fields: z.array(z.strictObject({ name: z.string(), type: cqlTypeSchema })), frozen: z.boolean() }),
  z.strictObject({ kind: z.literal('composite'), elements: z.array(cqlTypeSchema), reversed: z.array(z.boolean()), className: z.string() }),
  z.strictObject({ kind: z.literal('custom'), className: z.string(), aliases: aliasesCodec.optional() }),
]);

const columnSchema = z.strictObject({
  name: z.string(), kind: z.enum(['partition_key', 'clustering', 'static', 'regular']), type: cqlTypeSchema, position: z.int(), reversed: z.boolean(),
});

/** Keyspaces and tables have names of word characters only, in every Cassandra: they may become part of a path. */
const tableName = z.string().regex(/^\w{1,200}$/);

export const tableSchema = z.strictObject({
  keyspace: tableName,
  name: tableName,
  id: z.string().optional(),
  partitionKey: z.array(columnSchema),
  clustering: z.array(columnSchema),
  staticColumns: z.array(columnSchema),
  regularColumns: z.array(columnSchema),
  dropped: z.array(z.strictObject({ name: z.string(), kind: z.enum(['partition_key', 'clustering', 'static', 'regular']), type: cqlTypeSchema, droppedTimeMicros: integerCodec })),
  isStaticCompact: z.boolean(),
  isCompact: z.boolean(),
  isDense: z.boolean(),
  isCompound: z.boolean(),
  isCounter: z.boolean(),
  isView: z.boolean(),
  enforcesStrictLiveness: z.boolean(),
  defaultTtlSeconds: z.int(),
  indexes: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()), isCustom: z.boolean() })).optional(),
  views: z.array(z.strictObject({
    name: z.string(), partitionKey: z.array(z.string()), clustering: z.array(z.strictObject({ name: z.string(), reversed: z.boolean() })),
    columns: z.array(z.string()).optional(), filter: z.string().optional(),
  })).optional(),
});
