// What other packages may use of this one.

export * from './agent-contract.ts';
export * from './app-contract.ts';
export * from './assessment-contract.ts';
export * from './mapping-contract.ts';
export * from './prerequisites-contract.ts';
export type { WireJob } from './job-schema.ts';
export * from './settings-contract.ts';
export * from './project-contract.ts';
export { tableSchema } from './table-schema.ts';
