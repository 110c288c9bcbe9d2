import type { Pages } from '../api/usePages.js';

/** The way to the next page of a list, where there is one. */
export const More = <Page, Row>({ of }: { readonly of: Pages<Page, Row> }) =>
  of.more ? (
    <p class="more">
      <button type="button" disabled={of.loading} onClick={of.next}>
        {of.loading ? 'Loading…' : 'Show more'}
      </button>
    </p>
  ) : null;
