/** Somewhere that lines are taken to, in batches, without holding anybody up. */
export interface AuditSink {
  /** Whether the next line would be taken. */
  readonly hasRoom: boolean;
  /** How much of its room is taken, 0 to 1. */
  readonly fill: number;
  /** What waits, in bytes. */
  readonly waitingBytes: number;
  /** Takes a line without its line break. */
  append(line: string): void;
  /** Resolves when what was taken is where it survives this process, or can't get there; nothing is taken after that. */
  close(): Promise<void>;
}
