import { asyncScheduler, interval, type SchedulerLike } from 'rxjs';
import { eventId, type EventPlace } from '../protocol/eventId.js';
import type { RequestId } from '../protocol/jsonrpc.js';
import type { EventStore } from '../streams/events.js';

export interface MemoryEventsOptions {
  /** Events kept for one session. */
  readonly maxEvents: number;
  /** Bytes of JSON kept for one session. */
  readonly maxBytes: number;
  /** Bytes of memory for all sessions together; beyond, those lose first that have had no event for longest. */
  readonly maxTotalBytes: number;
  /** A stream is forgotten so many milliseconds after its end. */
  readonly ttlMs: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
  /** Told of each stream of which something has changed, or that is forgotten. */
  readonly changed?: (sessionId: string, streamId: string) => void;
}

interface Entry {
  readonly place: EventPlace;
  readonly data: string;
  readonly bytes: number;
}

interface Track {
  readonly answers: RequestId | undefined;
  /** The newest position. */
  last: number;
  /** The newest position that had to make room; 0 when none had to. */
  dropped: number;
  endedAt: number | undefined;
}

/** A stream as it is kept at the moment. */
export interface KeptStream extends Readonly<Omit<Track, 'endedAt'>> {
  readonly ended: boolean;
  /** Its events after a position, the oldest first. */
  after(position: number): readonly { readonly place: EventPlace; readonly data: string }[];
}

/** Events in this process. */
export interface MemoryEvents extends EventStore {
  /** A stream of a session; undefined when it is forgotten. */
  stream(sessionId: string, streamId: string): KeptStream | undefined;
}

/** What is kept for one session: a queue over all its streams, so that the oldest can go first. */
interface Shelf {
  readonly sessionId: string;
  readonly tracks: Map<string, Track>;
  entries: Entry[];
  bytes: number;
}

/** A stream that has ended and has no event left can only disappoint; without it the events bound the streams too. */
const isSpent = ({ endedAt, dropped, last }: Track): boolean => endedAt !== undefined && dropped === last;

/** What an event takes besides its text, in bytes. */
const entryBytes = 200;

/** How often ended streams are looked for, as a share of the TTL, within bounds. */
const sweepMs = (ttlMs: number): number => Math.min(Math.max(ttlMs / 10, 100), 30_000);

/** Events in this process. Every answer is at hand. */
export const memoryEvents = ({
  maxEvents,
  maxBytes,
  maxTotalBytes,
  ttlMs,
  scheduler = asyncScheduler,
  changed = () => undefined,
}: MemoryEventsOptions): MemoryEvents => {
  const shelves = new Map<string, Shelf>();
  /** Those with events, the one written to last at the end. */
  const filled = new Set<Shelf>();
  let totalBytes = 0;

  const forget = (shelf: Shelf, { bytes }: Entry): void => {
    shelf.bytes -= bytes;
    totalBytes -= bytes + entryBytes;
  };
  const dropOldest = (shelf: Shelf): void => {
    const oldest = shelf.entries.shift();
    if (oldest === undefined) return;
    forget(shelf, oldest);
    const track = shelf.tracks.get(oldest.place.streamId);
    if (track !== undefined) {
      track.dropped = oldest.place.position;
      if (isSpent(track)) shelf.tracks.delete(oldest.place.streamId);
      changed(shelf.sessionId, oldest.place.streamId);
    }
    if (shelf.entries.length === 0) filled.delete(shelf);
  };
  const dropTrack = (shelf: Shelf, streamId: string): void => {
    shelf.tracks.delete(streamId);
    shelf.entries = shelf.entries.filter((entry) => {
      const stays = entry.place.streamId !== streamId;
      if (!stays) forget(shelf, entry);
      return stays;
    });
    if (shelf.entries.length === 0) filled.delete(shelf);
    changed(shelf.sessionId, streamId);
  };
  const after = (shelf: Shelf, streamId: string, position: number): readonly Entry[] =>
    shelf.entries.filter(({ place }) => place.streamId === streamId && place.position > position);
  const makeRoom = (): void => {
    for (const shelf of filled) {
      while (totalBytes > maxTotalBytes && shelf.entries.length > 0) dropOldest(shelf);
      if (totalBytes <= maxTotalBytes) return;
    }
  };
  const sweep = interval(sweepMs(ttlMs), scheduler).subscribe(() => {
    const before = scheduler.now() - ttlMs;
    for (const [sessionId, shelf] of shelves) {
      for (const [streamId, track] of shelf.tracks)
        if (track.endedAt !== undefined && track.endedAt <= before) dropTrack(shelf, streamId);
      if (shelf.tracks.size === 0) shelves.delete(sessionId);
    }
  });

  return {
    open(sessionId, streamId, answers) {
      let shelf = shelves.get(sessionId);
      if (shelf === undefined)
        shelves.set(sessionId, (shelf = { sessionId, tracks: new Map(), entries: [], bytes: 0 }));
      shelf.tracks.set(streamId, { answers, last: 0, dropped: 0, endedAt: undefined });
      changed(sessionId, streamId);
    },
    append(sessionId, place, data) {
      const shelf = shelves.get(sessionId);
      const track = shelf?.tracks.get(place.streamId);
      if (shelf === undefined || track === undefined) return;
      track.last = place.position;
      const bytes = Buffer.byteLength(data);
      shelf.entries.push({ place, data, bytes });
      shelf.bytes += bytes;
      totalBytes += bytes + entryBytes;
      filled.delete(shelf);
      filled.add(shelf);
      while (shelf.entries.length > maxEvents || shelf.bytes > maxBytes) dropOldest(shelf);
      if (totalBytes > maxTotalBytes) makeRoom();
      changed(sessionId, place.streamId);
    },
    after(sessionId, { streamId, position }) {
      const shelf = shelves.get(sessionId);
      const track = shelf?.tracks.get(streamId);
      if (shelf === undefined || track === undefined || position > track.last) return 'unknown';
      if (track.endedAt !== undefined && track.endedAt + ttlMs <= scheduler.now()) return 'unknown';
      if (position < track.dropped) return 'dropped';
      const events = after(shelf, streamId, position).map(({ place, data }) => ({
        id: eventId(place),
        data,
      }));
      return { events, answers: track.answers };
    },
    stream(sessionId, streamId) {
      const shelf = shelves.get(sessionId);
      const track = shelf?.tracks.get(streamId);
      if (shelf === undefined || track === undefined) return undefined;
      return {
        ...track,
        ended: track.endedAt !== undefined,
        after: (position) => after(shelf, streamId, position),
      };
    },
    end(sessionId, streamId) {
      const tracks = shelves.get(sessionId)?.tracks;
      const track = tracks?.get(streamId);
      if (track === undefined) return;
      track.endedAt ??= scheduler.now();
      if (isSpent(track)) tracks?.delete(streamId);
      changed(sessionId, streamId);
    },
    endSession(sessionId) {
      const shelf = shelves.get(sessionId);
      if (shelf === undefined) return;
      shelves.delete(sessionId);
      filled.delete(shelf);
      totalBytes -= shelf.bytes + shelf.entries.length * entryBytes;
      for (const streamId of shelf.tracks.keys()) changed(sessionId, streamId);
    },
    get size() {
      let size = 0;
      for (const { entries } of filled) size += entries.length;
      return size;
    },
    close: () => sweep.unsubscribe(),
  };
};
