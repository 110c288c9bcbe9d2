/** How it is seen to that what servers offer is what somebody has looked at. */
export interface IntegritySettings {
  /** Absolute path of the file of pins; undefined where nothing is pinned. */
  readonly pins?: string;
  /** What becomes of definitions that are not pinned yet. */
  readonly newcomers: 'hold' | 'allow';
  /** What becomes of definitions with hidden characters or instructions to the model. */
  readonly suspicious: 'report' | 'hold' | 'off';
}
