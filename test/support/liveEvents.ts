import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { filter, firstValueFrom, map, ReplaySubject, type Observable } from 'rxjs';
import { within } from './within.js';

/** A live stream of the console, from its beginning. */
export interface LiveStream {
  readonly status: number;
  readonly headers: Headers;
  readonly events$: Observable<{ readonly event: string; readonly data: unknown }>;
  /** The first event that fits, of those that have come and those that come. */
  first<T>(event: string, fits?: (data: T) => boolean): Promise<T>;
  /** Resolves when the other side has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens one. @param url with its topics */
export const openLive = async (
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<LiveStream> => {
  const leaving = new AbortController();
  const answer = await fetch(url, { headers, signal: leaving.signal });
  const events = new ReplaySubject<{ event: string; data: unknown }>();
  const parser = createParser({
    onEvent: ({ event = 'message', data }: EventSourceMessage) =>
      events.next({ event, data: JSON.parse(data) as unknown }),
  });
  const read = async (): Promise<void> => {
    const text = new TextDecoder();
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>)
      parser.feed(text.decode(chunk, { stream: true }));
  };
  return {
    status: answer.status,
    headers: answer.headers,
    events$: events,
    first: <T>(name: string, fits: (data: T) => boolean = () => true) =>
      within(
        10_000,
        `event ${name}`,
        firstValueFrom(
          events.pipe(
            filter(({ event, data }) => event === name && fits(data as T)),
            map(({ data }) => data as T),
          ),
        ),
      ),
    // Who closes it breaks it off.
    ended: read().catch(() => undefined),
    close: () => leaving.abort(),
  };
};
