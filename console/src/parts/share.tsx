interface ShareProps {
  readonly part: number;
  /** What of the part is bad. */
  readonly bad?: number;
  readonly all: number;
}

/** A thin bar that shows a share; the numbers stand beside it. */
export const Share = ({ part, bad = 0, all }: ShareProps) => (
  <svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    <rect width="100" height="4" class="share-all" />
    <rect width={(100 * part) / Math.max(1, all)} height="4" class="share-part" />
    <rect width={(100 * bad) / Math.max(1, all)} height="4" class="share-bad" />
  </svg>
);
