/** Why something is so, and the place in the configuration that says so. */
export interface Reason {
  readonly detail: string;
  /** JSON Pointer. */
  readonly pointer?: string;
}
