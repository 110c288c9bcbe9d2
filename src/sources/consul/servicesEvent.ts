import type { Registration } from './registration.js';

/** What is heard of the services of one datacenter. */
export type ServicesEvent =
  /** The MCP instances of a service, in whatever state; none when it is gone. */
  | { readonly kind: 'service'; readonly name: string; readonly instances: readonly Registration[] }
  /** A feed fails, or (without a reason) works again. */
  | { readonly kind: 'feed'; readonly feed: string; readonly failure: string | undefined }
  /** Every service that there was at the start has been looked at. Once. */
  | { readonly kind: 'settled' };
