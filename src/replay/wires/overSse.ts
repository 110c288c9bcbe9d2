import type { Dispatcher } from 'undici';
import type { OpenCarrier } from './channelWire.js';
import { exchangeOver } from './exchangeOver.js';
import type { WireOptions } from './wire.js';

/** HTTP with SSE (2024-11-05): a stream for what comes, whose first event says where to post what goes. */
export const overSse =
  (dispatcher: Dispatcher, { sseUrl, headers }: Pick<WireOptions, 'sseUrl' | 'headers'>): OpenCarrier =>
  (taken, lost) => {
    let endpoint: string | undefined;
    let posting = false;
    const waiting: string[] = [];
    /** One after another: what overtakes what is no news of the target. */
    const post = (): void => {
      const text = endpoint === undefined || posting ? undefined : waiting.shift();
      if (text === undefined || endpoint === undefined) return;
      posting = true;
      exchangeOver(
        dispatcher,
        {
          url: endpoint,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: text,
        },
        {
          done: (status, _body, failure) => {
            posting = false;
            if (failure !== undefined || status >= 400)
              lost(failure ?? `a message was refused: status ${status}`);
            else post();
          },
        },
      );
    };
    const abort = exchangeOver(
      dispatcher,
      { url: sseUrl, method: 'GET', headers: { ...headers, accept: 'text/event-stream' } },
      {
        event: ({ event, data }) => {
          if (event !== 'endpoint') return taken(data);
          endpoint = new URL(data, sseUrl).href;
          post();
        },
        done: (status, _body, failure) => lost(failure ?? `the stream has ended, status ${status}`),
      },
    );
    return {
      send: (text) => {
        waiting.push(text);
        post();
      },
      close: abort,
    };
  };
