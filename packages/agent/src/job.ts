// What a worker can be asked to do, what it tells while it works, and what it answers. All plain data: it crosses a thread boundary
// today and a network tomorrow.

import type { Position, TableEstimate, TableMetadata, TokenRange } from '@aeneas/cassandra';
import type { Mapping, PreparedTable, PrepareOptions, Rejection, RejectReason } from '@aeneas/dynamodb';
import type { AwsSettings } from './aws-client.ts';
import type { PinnedInput } from './pins.ts';
import type { RangeSums } from './range-sums.ts';
import type { SourceFiles } from './source-files.ts';
import type { StagingSettings } from './staging.ts';

/** The rows of one table as this migration sees them. */
export interface TableSource {
  readonly table: TableMetadata;
  /** The pinned Data.db files, of all nodes. */
  readonly dataFiles: readonly string[];
  readonly nowSeconds: number;
  readonly mapping: Mapping;
}

export interface TargetTable {
  readonly aws: AwsSettings;
  /** How long nothing may succeed before the job gives up. */
  readonly giveUpSeconds: number;
  /** This job's share of the ceiling, in write units a second. */
  readonly writeUnitsPerSecond: number | undefined;
}

/** Where the items of a split go. */
export type ItemDestination =
  | {
    readonly kind: 'files';
    readonly staging: StagingSettings;
    /** Prefix of the names of this attempt's files. */
    readonly namePrefix: string;
    readonly compression: 'gzip' | 'zstd';
    /** A file ends after this many bytes before compression. */
    readonly fileBytes: number;
  }
  | { readonly kind: 'table'; readonly target: TargetTable };

/** Finds out what there is to migrate, and pins it. */
export interface SurveyJob {
  readonly kind: 'survey';
  /** Data directories of the nodes. */
  readonly directories: readonly string[];
  /** CQL of the schema, where the directories do not have it. */
  readonly schemaText?: string | undefined;
  /** Which tables; the last that matches decides. */
  readonly patterns: readonly string[];
}

/** Compares files with what was pinned; fails with INPUT_CHANGED. */
export interface CheckJob {
  readonly kind: 'check';
  readonly pins: readonly PinnedInput[];
  /** A file of the same size and time is the same. Only on the disk where it was pinned. */
  readonly trustTimes: boolean;
}

/** Cuts a table into splits. */
export interface PlanJob {
  readonly kind: 'plan';
  readonly source: TableSource;
  readonly splitBytes: number;
  /** Of all who will work on it. */
  readonly workers: number;
}

/** Estimates what a table would become, from some of its rows. */
export interface AssessJob {
  readonly kind: 'assess';
  readonly source: TableSource;
  /** The same seed samples the same ranges of the same files. */
  readonly seed: number;
  /** Stop once the 95 % interval of the write units is this part of them, to either side. */
  readonly precision: number;
  /** Stop after about so many uncompressed bytes at the latest. */
  readonly maxBytes: number;
}

/** Shows some rows beside the items that they become. */
export interface SampleJob {
  readonly kind: 'sample';
  readonly source: TableSource;
  /** So many rows are shown; of those that are rejected, one more of each kind. */
  readonly shown: number;
  /** So many are read, to find what does not fit. */
  readonly maxRows: number;
}

/** Makes the target table ready, or takes it as it is. */
export interface PrepareJob {
  readonly kind: 'prepare';
  readonly source: TableSource;
  readonly aws: AwsSettings;
  readonly options: PrepareOptions;
}

/** Tells whether the target table is there and active. */
export interface ExistsJob {
  readonly kind: 'exists';
  readonly source: TableSource;
  readonly aws: AwsSettings;
}

/** Removes what attempts left in the staging area that did not commit it. Only while nobody writes there. */
export interface SweepJob {
  readonly kind: 'sweep';
  readonly staging: StagingSettings;
  /** Folder of names. */
  readonly under: string;
  /** Names that stay. */
  readonly keep: readonly string[];
}

/** Turns the rows of one split into items, in files or in the table. */
export interface ExtractJob {
  readonly kind: 'extract';
  readonly source: TableSource;
  readonly range: TokenRange;
  /** Continue behind this place. */
  readonly after: Position | undefined;
  readonly destination: ItemDestination;
  /** This attempt's own file for rejected rows; made when there is one. */
  readonly rejectedFile: string;
  /** Encrypts it; without one it is in the clear. */
  readonly rejectedKey?: Uint8Array | undefined;
}

export interface SegmentFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** CRC32 of the file's bytes, 8 hex digits. */
  readonly crc32: string;
}

/** What items do not tell, though their rows did: counted for the report. */
export interface LostDetail {
  /** Items whose parts expire at different times: DynamoDB expires items, not attributes. */
  readonly mixedExpiry: number;
  /** N has no sign of zero, and no scale. */
  readonly negativeZeros: number;
  readonly decimalScales: number;
}

/** What one stretch of a split's rows became, reported once that is safe. Counts are of this stretch alone. */
export interface Segment {
  /** Position after the stretch; undefined at the end of the split. */
  readonly position: Position | undefined;
  readonly rows: number;
  readonly items: number;
  readonly rejected: number;
  /** Size as DynamoDB counts it. */
  readonly itemBytes: number;
  readonly writeUnits: number;
  readonly lost: LostDetail;
  /** The attempt's file of rejected rows and how far it is valid after this stretch. */
  readonly rejectedFile: string | undefined;
  readonly rejectedBytes: number;
  /** Undefined when the items went to DynamoDB directly, or when there were none. */
  readonly file: SegmentFile | undefined;
}

/** A committed file, and how much of it DynamoDB has acknowledged. */
export interface LoadFile extends SegmentFile {
  readonly segmentId: number;
  readonly items: number;
  readonly loadedItems: number;
}

/** Writes committed files into the table, a few at a time so that their partitions interleave. */
export interface LoadJob {
  readonly kind: 'load';
  readonly source: TableSource;
  readonly staging: StagingSettings;
  readonly compression: 'gzip' | 'zstd';
  readonly files: readonly LoadFile[];
  readonly target: TargetTable;
}

/** Reads the source once more and sums up the items by token range. */
export interface DigestJob {
  readonly kind: 'digest';
  readonly source: TableSource;
  readonly range: TokenRange;
  /** Items whose TTL passed before this moment are summed up apart: DynamoDB may have removed them. */
  readonly expiredBeforeSeconds: number;
}

/** Scans one segment of the target and sums up the items by token range. */
export interface ScanJob {
  readonly kind: 'scan';
  readonly source: TableSource;
  readonly target: TargetTable;
  readonly segment: number;
  readonly segments: number;
  /** Inclusive ends of all ranges but the last, ascending. */
  readonly cuts: readonly bigint[];
  readonly expiredBeforeSeconds: number;
}

/** Compares item by item within some token ranges, and names differences. */
export interface CompareJob {
  readonly kind: 'compare';
  readonly source: TableSource;
  readonly target: TargetTable;
  readonly ranges: readonly TokenRange[];
  /** Folder for a temporary index of the target's items. */
  readonly spool: string;
  readonly maxNamed: number;
}

export type Job = SurveyJob | CheckJob | PlanJob | AssessJob | SampleJob | PrepareJob | ExistsJob | ExtractJob | SweepJob | LoadJob | DigestJob | ScanJob | CompareJob;

export type JobEvent =
  | { readonly type: 'segment'; readonly segment: Segment }
  | { readonly type: 'loaded'; readonly segmentId: number; readonly items: number }
  /** Counts since the last such event; `fraction` is how far this job is, where it can tell. */
  | { readonly type: 'progress'; readonly rows: number; readonly items: number; readonly rejected: number; readonly fraction: number }
  /** So many requests to AWS were made again; `reason`: the last one's error, `UnprocessedItems` for a part of a batch. */
  | { readonly type: 'retried'; readonly requests: number; readonly reason: string };

export interface Difference {
  readonly kind: 'missing' | 'extra' | 'different';
  /** Key attributes as DynamoDB has them. */
  readonly key: Readonly<Record<string, unknown>>;
  /** For different items: the attributes that differ. */
  readonly attributes?: readonly string[];
}

export interface CompareResult {
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Missing, but their TTL has passed: DynamoDB removed them. */
  readonly expired: number;
  readonly named: readonly Difference[];
}

/** What a scan of one segment of the target found. */
export interface ScanResult {
  /** By token range. */
  readonly ranges: readonly RangeSums[];
  /** Items whose key is not one that this table's rows could have. */
  readonly foreign: number;
}

export interface SurveyedTable {
  readonly table: TableMetadata;
  /** All files of its live SSTables. */
  readonly inputs: readonly PinnedInput[];
}

export interface SurveyResult {
  readonly tables: readonly SurveyedTable[];
}

export interface PlanResult {
  readonly ranges: readonly TokenRange[];
}

/** Of the whole table, counted or estimated. */
export interface SampledVolume extends LostDetail {
  readonly rows: number;
  readonly items: number;
  readonly rejected: number;
  /** As DynamoDB counts them. */
  readonly itemBytes: number;
  /** In the table and its indexes. */
  readonly writeUnits: number;
  /** Of these in its indexes. */
  readonly indexWriteUnits: number;
  /** All of the table was read: the counts are exact. */
  readonly isWhole: boolean;
  /** How much of the ring was read, 0 to 1. */
  readonly share: number;
  /** Half of the 95 % interval of the write units, as a part of them. */
  readonly relativeError: number;
}

export interface SampledItem {
  /** Neutral JSON of the partition key's columns. */
  readonly partitionKey: string;
  readonly sizeBytes: number;
  readonly writeUnits: number;
}

export interface SampledReject {
  readonly reason: RejectReason;
  readonly column: string | undefined;
  /** Within what was read. */
  readonly rows: number;
  /** The line of one of them. */
  readonly example: string;
}

export interface AssessedPartition {
  readonly partitionKey: string;
  /** Uncompressed, over all SSTables; nothing was merged. */
  readonly sizeBytes: number;
  readonly sstables: number;
}

export interface TableAssessment extends TableEstimate {
  readonly volume: SampledVolume;
  readonly sampledRows: number;
  readonly sampledSeconds: number;
  readonly largestPartitions: readonly AssessedPartition[];
  /** Of what was read. */
  readonly largestItems: readonly SampledItem[];
  readonly rejected: readonly SampledReject[];
}

/** A row as `aeneas sstable dump` writes it, and its item as DynamoDB JSON, or why there is none. */
export interface SampledRow {
  readonly row: string;
  readonly item?: string;
  readonly sizeBytes?: number;
  readonly rejected?: Rejection;
}

export interface SampleResult {
  readonly samples: readonly SampledRow[];
  /** Rows and static items. */
  readonly read: number;
  /** All of the table was read. */
  readonly isWhole: boolean;
  readonly rejected: readonly SampledReject[];
  readonly lost: LostDetail;
}

export type JobResult = void | boolean | SurveyResult | PlanResult | TableAssessment | SampleResult | PreparedTable | RangeSums | ScanResult | CompareResult;

/** What a job is given by whoever runs it. */
export interface JobContext {
  readonly report: (event: JobEvent) => void;
  /** Aborted when the job should stop soon: throw JOB_STOPPED. */
  readonly signal: AbortSignal;
  /** Whether the right to work has ended: asked before and after something is written that others could see. */
  readonly isLeaseOver: () => boolean;
  /** Where source files are read. */
  readonly files: SourceFiles;
}
