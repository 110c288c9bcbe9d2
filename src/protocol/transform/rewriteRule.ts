/** How a value is rewritten, as the configuration says it: by an expression (JSONata) or by a patch (RFC 6902). */
export type RewriteRule = { readonly jsonata: string } | { readonly patch: readonly PatchOperation[] };

/** One operation of a JSON Patch. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}
