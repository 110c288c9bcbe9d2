import { limits } from '../config/limits.js';
import type { AnswerStore, Found, KeptAnswer } from '../streams/answers.js';

interface Entry {
  readonly answer: KeptAnswer;
  readonly stamp: string;
  readonly bytes: number;
}

/** What an entry takes besides its text: key, stamp and places in maps. */
const entryBytes = 512;

/**
 * Answers of this process. Every one is at hand.
 *
 * @param maxBytes what they may take, asked each time; the one unused for longest gives way
 */
export const memoryAnswers = (maxBytes: () => number): AnswerStore => {
  const entries = new Map<string, Entry>();
  /** When tags were forgotten last, as a count that never repeats. */
  const forgotten = new Map<string, number>();
  /** Of all tags that are not in there. */
  let floor = 0;
  let count = 0;
  let bytes = 0;
  let pushedOut = 0;

  const remove = (key: string): void => {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };
  const stampOf = (tags: readonly string[]): string => tags.map((tag) => forgotten.get(tag) ?? floor).join();

  return {
    find(keys, tags): Found {
      const stamp = stampOf(tags);
      for (const key of keys) {
        const entry = entries.get(key);
        if (entry === undefined) continue;
        entries.delete(key);
        if (entry.stamp !== stamp) {
          bytes -= entry.bytes;
          continue;
        }
        // The one used last is the last of the map.
        entries.set(key, entry);
        return { answer: entry.answer, key, stamp };
      }
      return { answer: undefined, key: undefined, stamp };
    },
    keep(key, tags, answer, { stamp }) {
      if (stamp !== stampOf(tags)) return;
      remove(key);
      const entry = { answer, stamp, bytes: entryBytes + heapBytes(answer.text) };
      const max = maxBytes();
      if (entry.bytes > max) return;
      entries.set(key, entry);
      bytes += entry.bytes;
      for (const oldest of entries.keys()) {
        if (bytes <= max) break;
        remove(oldest);
        pushedOut++;
      }
    },
    forget(tags) {
      count++;
      for (const tag of tags) forgotten.set(tag, count);
      if (forgotten.size <= limits.changedResources) return;
      // What has changed since is not known any more: nothing is.
      forgotten.clear();
      floor = count;
      entries.clear();
      bytes = 0;
    },
    get held() {
      return { answers: entries.size, bytes, pushedOut };
    },
    close() {
      entries.clear();
      bytes = 0;
    },
  };
};

/** A text takes one byte a character, or two where one of them does not fit into one. */
const heapBytes = (text: string): number =>
  Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
