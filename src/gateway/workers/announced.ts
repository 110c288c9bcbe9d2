/** What the terminal is told when all are ready. */
export interface Announced {
  readonly url: string;
  readonly adminUrl: string;
  /** The console; with the key of this run, if it has one. Undefined where nobody could sign in. */
  readonly consoleUrl?: string | undefined;
}
