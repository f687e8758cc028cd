// A report: what it was made of, its files, and its parts as tabs.

import type { AssessmentReport } from '@aeneas/protocol';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { count, duration, moment } from '../../format.ts';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { ActionItems } from './action-items.tsx';
import { Queries } from './queries.tsx';
import { ReportSummary } from './report-summary.tsx';
import { ReportTables } from './report-tables.tsx';

const FORMATS = ['CSV', 'PDF', 'JSON'] as const;

export function Report({ project, report, place }: { readonly project: string; readonly report: AssessmentReport; readonly place: Place }) {
  const { made, tables, counts, queries } = report;
  const items = counts.high + counts.medium + counts.low;
  const tab = place.query.get('tab') ?? 'summary';
  return (
    <section aria-label="Report">
      <SpaceBetween size="m">
        <Header
          variant="h2"
          description={`Made on ${moment(made.madeMillis)} in ${duration(made.tookMillis)} min from ${count(made.sstables)} SSTables. Rows that expire are judged as of ${moment(made.nowSeconds * 1000)}.`}
          actions={<SpaceBetween direction="horizontal" size="xs">{FORMATS.map((format) => <Button key={format} iconName="download" ariaLabel={`Download ${format}`} href={`/api/projects/${encodeURIComponent(project)}/assessment/report.${format.toLowerCase()}`} download>{format}</Button>)}</SpaceBetween>}
        >Report</Header>
        {made.isOutdated ? <Alert type="warning" header="This report is outdated" statusIconAriaLabel="Warning">The project or its mapping was changed since. Start again for a report of what it is now.</Alert> : null}
        <Tabs
          ariaLabel="Parts of the report"
          activeTabId={tab}
          onChange={({ detail }) => go(withQuery(place, { tab: detail.activeTabId === 'summary' ? undefined : detail.activeTabId, filter: undefined, sort: undefined, page: undefined }))}
          tabs={[
            { id: 'summary', label: 'Summary', content: <ReportSummary report={report} /> },
            { id: 'items', label: `Action items (${count(items)})`, content: <ActionItems report={report} place={place} /> },
            { id: 'tables', label: `Tables (${count(tables.length)})`, content: <ReportTables tables={tables} place={place} /> },
            { id: 'queries', label: `Queries (${count(queries.length)})`, content: <Queries queries={queries} /> },
          ]}
        />
      </SpaceBetween>
    </section>
  );
}
