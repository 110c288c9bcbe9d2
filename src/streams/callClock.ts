/** What a call's time looks like to those that it passes; see patience.ts. */
export interface CallClock {
  /** When the call must have ended, all its attempts and rounds together, in the milliseconds of `Date.now()`. */
  readonly deadlineAt: number;
  /** The call waits for something that is not the backend: its silence is not counted until {@link goOn}. The deadline stays. */
  hold(): void;
  goOn(): void;
}
