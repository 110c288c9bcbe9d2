import type { ConnectPage } from '../../protocol/connect/connectPage.js';

/** What a page request ends with: a page, or the browser goes elsewhere. `cookies` are whole `Set-Cookie` values. */
export type PageAnswer =
  | { readonly status: number; readonly page: ConnectPage; readonly cookies?: readonly string[] }
  | { readonly to: URL; readonly cookies?: readonly string[] };
