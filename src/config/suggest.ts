/**
 * The candidate a mistyped word most likely meant: letters left out, added, changed or swapped.
 *
 * @returns undefined when none is near (more than a third of the word would have to change)
 */
export const suggest = (word: string, candidates: readonly string[]): string | undefined => {
  // The price is the product of the lengths; no key of ours is this long.
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
};

/** Optimal string alignment distance, three rows at a time. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let steps = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) steps = Math.min(steps, at(before, j - 2) + 1);
      row.push(steps);
    }
    [before, previous] = [previous, row];
  }
  return at(previous, b.length);
};

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
