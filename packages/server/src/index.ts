// What the command line uses of the server.

export { assess } from './assessment/assess.ts';
export type { Assessment } from './assessment/assess.ts';
export { assessmentCsv } from './assessment/assessment-csv.ts';
export { assessmentPdf } from './assessment/assessment-pdf.ts';
export { assessmentText } from './assessment/assessment-text.ts';
export { createBucket } from './bucket.ts';
export { serverErrors } from './errors.ts';
export { migrate } from './migration.ts';
export type { MigrateOptions } from './migration.ts';
export { PHASES } from './progress.ts';
export type { MigrationEvent, MigrationListener, ProgressSnapshot } from './progress.ts';
export { projectJsonSchema, projectSchema, readAssessable, readProject } from './project.ts';
export type { Project } from './project.ts';
export type { MigrationReport, TableReport } from './report.ts';
export { reportText } from './report-text.ts';
export { openServiceProfiles } from './settings/global-settings.ts';
export { withServiceProfile } from './service-profile.ts';
export { exposureOf } from './control/exposure.ts';
export { serve } from './control/serve.ts';
export type { RunningServer, ServeOptions } from './control/serve.ts';
export * from './prerequisites/index.ts';
