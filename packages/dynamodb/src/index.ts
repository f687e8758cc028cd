// What other packages may use of this one.

export { dynamodbErrors } from './errors.ts';
export { DEFAULT_MAPPING, checkMapping, mappingJsonSchema, mappingSchema, parseMapping } from './mapping.ts';
export type { Mapping } from './mapping.ts';
export { planTable, planTables } from './table-plan.ts';
export type { AttributePlan, TablePlan } from './table-plan.ts';
export type { KeyPlan } from './key-plan.ts';
export { OutputBuffer } from './output-buffer.ts';
export { ItemEncoder } from './item-encoder.ts';
export type { ItemCounts, ItemEncoderOptions } from './item-encoder.ts';
export { ITEM, ItemCursor, REJECTED } from './item-cursor.ts';
export type { ItemCursorOptions, Outcome } from './item-cursor.ts';
export { REJECT_REASONS } from './rejected.ts';
export type { RejectReason, Rejection } from './rejected.ts';
export { decodePartitionKey, decodeSortKey, encodePartitionKey, encodeSortKey, partitionKeyOf, sortKeyOf, sortKeyPrefixOf, staticSortKey } from './keys.ts';
export type { KeyAttribute, KeyValues } from './keys.ts';
export { STATIC_SORT_KEY } from './key-plan.ts';
export { MAX_ITEM_BYTES, writeUnits } from './item-size.ts';
