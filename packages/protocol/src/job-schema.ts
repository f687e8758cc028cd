// Jobs as the server sends them to an agent, and what an agent tells of them. The agent turns them into jobs of its workers and adds
// every local path itself: where an attempt's files and rejected rows go, and where it spools.

import { z } from 'zod';
import { bytesCodec, integerCodec } from './codecs.ts';
import { tableSchema } from './table-schema.ts';

const count = z.int().min(0);

export const tokenRangeSchema = z.strictObject({ start: integerCodec.optional(), end: integerCodec.optional() });
export const positionSchema = z.strictObject({ partitionKey: bytesCodec, clustering: z.array(bytesCodec.nullable()).optional() });

/** Typed into an AWS service profile of the server: in an agent they are in memory only, as long as the job. */
const credentialsSchema = z.strictObject({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string().optional() });
/** Without credentials and profile: those of the agent's environment or machine. */
const access = { profile: z.string().optional(), credentials: credentialsSchema.optional() };
const awsSchema = z.strictObject({ region: z.string(), endpoint: z.url().optional(), ...access });

/** The rows of one table: pinned Data.db files within the agent's data directories. `mapping` is a mapping file's content. */
const sourceSchema = z.strictObject({
  table: tableSchema,
  dataFiles: z.array(z.string()),
  nowSeconds: z.int(),
  mapping: z.json(),
});

const targetSchema = z.strictObject({ aws: awsSchema, giveUpSeconds: z.number().positive(), writeUnitsPerSecond: z.number().positive().optional() });

/** A folder must be the agent's staging folder or within it; of S3 the agent needs no more than this. */
const stagingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), folder: z.string() }),
  z.strictObject({
    kind: z.literal('s3'), bucket: z.string(), prefix: z.string(), region: z.string(), endpoint: z.url().optional(), ...access, kmsKey: z.string().optional(),
    /** With KMS in S3, and on the agent's disk until a file is uploaded. */
    isEncrypted: z.boolean().optional(),
    /** Files stay in the agent's output folder after they were uploaded. */
    keepsLocalFiles: z.boolean().optional(),
  }),
]);
const compression = z.enum(['gzip', 'zstd']);

/** `<keyspace>.<table>/<file>`: never a way out of the staging area. */
const segmentFile = { name: z.string().regex(/^\w+\.\w+\/[\w-]+(\.[\w-]+)*$/), sizeBytes: count, crc32: z.string().regex(/^[0-9a-f]{8}$/) };

const pinSchema = z.strictObject({ path: z.string(), sizeBytes: count, mtimeMillis: z.int(), digest: z.string() });

/**
 * survey, check and plan look at files of the source, within the agent's data directories.
 * extract: files get names that begin with `<keyspace>.<table>/<jobId>-<epoch>`, so attempts never write the same name.
 * The other kinds are those of packages/agent/src/job.ts without local paths.
 */
export const jobSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('survey'), directories: z.array(z.string()), schemaText: z.string().optional(), patterns: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('check'), pins: z.array(pinSchema), trustTimes: z.boolean() }),
  z.strictObject({ kind: z.literal('plan'), source: sourceSchema, splitBytes: z.number().positive(), workers: z.int().positive() }),
  z.strictObject({
    kind: z.literal('extract'),
    source: sourceSchema,
    range: tokenRangeSchema,
    after: positionSchema.optional(),
    destination: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('files'), staging: stagingSchema, compression, fileBytes: z.int().positive() }),
      z.strictObject({ kind: z.literal('table'), target: targetSchema }),
    ]),
  }),
  z.strictObject({
    kind: z.literal('load'),
    source: sourceSchema,
    staging: stagingSchema,
    compression,
    files: z.array(z.strictObject({ ...segmentFile, segmentId: z.int(), items: count, loadedItems: count })),
    target: targetSchema,
  }),
  z.strictObject({ kind: z.literal('digest'), source: sourceSchema, range: tokenRangeSchema, expiredBeforeSeconds: z.number() }),
  z.strictObject({
    kind: z.literal('scan'), source: sourceSchema, target: targetSchema, segment: count, segments: z.int().positive(), cuts: z.array(integerCodec), expiredBeforeSeconds: z.number(),
  }),
  z.strictObject({ kind: z.literal('compare'), source: sourceSchema, target: targetSchema, ranges: z.array(tokenRangeSchema), maxNamed: count }),
]);
export type WireJob = z.output<typeof jobSchema>;

const segmentSchema = z.strictObject({
  position: positionSchema.optional(),
  rows: count, items: count, rejected: count, itemBytes: count, writeUnits: z.number().min(0),
  lost: z.strictObject({ mixedExpiry: count, negativeZeros: count, decimalScales: count }),
  /** A path on the agent's machine: `rejectedRows` reads it from there. */
  rejectedFile: z.string().optional(),
  rejectedBytes: count,
  file: z.strictObject(segmentFile).optional(),
});

export const jobEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('segment'), segment: segmentSchema }),
  z.strictObject({ type: z.literal('loaded'), segmentId: z.int(), items: count }),
  z.strictObject({ type: z.literal('progress'), rows: count, items: count, rejected: count, fraction: z.number() }),
  z.strictObject({ type: z.literal('retried'), requests: count, reason: z.string().max(200) }),
]);

const digestSum = z.strictObject({ items: count, digest: z.string() });
const rangeSums = z.strictObject({ live: digestSum, expired: digestSum });
const difference = z.strictObject({ kind: z.enum(['missing', 'extra', 'different']), key: z.record(z.string(), z.json()), attributes: z.array(z.string()).optional() });

/** Of check, extract and load there is none; survey: the tables and their files; plan: its ranges; digest: sums of its range; scan: of all ranges; compare: the differences. */
export const jobResultSchema = z.union([
  z.strictObject({ tables: z.array(z.strictObject({ table: tableSchema, inputs: z.array(pinSchema) })) }),
  z.strictObject({ ranges: z.array(tokenRangeSchema) }),
  rangeSums,
  z.strictObject({ ranges: z.array(rangeSums), foreign: count }),
  z.strictObject({ missing: count, extra: count, different: count, expired: count, named: z.array(difference) }),
]);
