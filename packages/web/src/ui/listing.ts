// Filtered, sorted and cut into pages as the URL says.

import { go, withQuery } from '../place.ts';
import type { Place } from '../place.ts';

export interface SortField<T> {
  readonly id: string;
  readonly of: (item: T) => string | number;
}

export interface Listing<T> {
  readonly items: readonly T[];
  readonly matches: number;
  readonly filter: string;
  readonly sort: string | undefined;
  readonly isDescending: boolean;
  readonly page: number;
  readonly pages: number;
}

const PAGE_ITEMS = 50;

/** `?filter=...&sort=-rows&page=2`; a minus sorts descending. An unknown sort field is the order of the server. */
export function listing<T>(all: readonly T[], { query }: Place, textOf: (item: T) => string, fields: readonly SortField<T>[]): Listing<T> {
  const filter = query.get('filter') ?? '';
  const [, minus, id] = /^(-?)(.*)$/.exec(query.get('sort') ?? '')!;
  const field = fields.find((one) => one.id === id);
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const found = all.filter((item) => {
    const text = textOf(item).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const sign = minus === '-' ? -1 : 1;
  const sorted = field === undefined ? found : found.toSorted((a, b) => sign * compare(field.of(a), field.of(b)));
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE_ITEMS));
  const page = Math.min(pages, Math.max(1, Number.parseInt(query.get('page') ?? '1', 10) || 1));
  return { items: sorted.slice((page - 1) * PAGE_ITEMS, page * PAGE_ITEMS), matches: found.length, filter, sort: field?.id, isDescending: minus === '-', page, pages };
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

/** What Cloudscape's Table, TextFilter and Pagination want to know of a listing, and tell. */
export function listingProps<T>({ sort, isDescending, filter, page, pages }: Listing<T>, place: Place) {
  return {
    table: {
      sortingColumn: sort === undefined ? {} : { sortingField: sort },
      sortingDescending: isDescending,
      onSortingChange: ({ detail }: { readonly detail: { readonly sortingColumn: { readonly sortingField?: string }; readonly isDescending?: boolean } }) =>
        go(withQuery(place, { sort: `${detail.isDescending === true ? '-' : ''}${detail.sortingColumn.sortingField}`, page: undefined })),
    },
    filter: { filteringText: filter, onChange: ({ detail }: { readonly detail: { readonly filteringText: string } }) => go(withQuery(place, { filter: detail.filteringText, page: undefined }), 'replace') },
    pagination: { currentPageIndex: page, pagesCount: pages, onChange: ({ detail }: { readonly detail: { readonly currentPageIndex: number } }) => go(withQuery(place, { page: String(detail.currentPageIndex) })) },
  };
}
