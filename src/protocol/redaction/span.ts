/** A piece of a text: from `start` up to, not including, `end`, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Where what tells of it begins: the `password=` in front. */
  readonly context: number;
}
