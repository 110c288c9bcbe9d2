import type { RawAnswer } from './parseAnswer.js';

/** A JSON-RPC message as a test looks at it. */
export interface SeenMessage {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown> & {
    readonly content?: readonly { readonly type: string; readonly text?: string }[];
    readonly isError?: boolean;
    readonly _meta?: Record<string, unknown>;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** All JSON-RPC messages of an answer: its JSON body, or the data of each SSE event. */
export const messagesOf = (answer: RawAnswer): readonly SeenMessage[] => {
  if (!answer.headers['content-type']?.includes('text/event-stream'))
    return [JSON.parse(answer.body) as SeenMessage];
  return answer.body
    .split('\n\n')
    .map((event) =>
      event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n'),
    )
    .filter((data) => data !== '')
    .map((data) => JSON.parse(data) as SeenMessage);
};

/** The last message of an answer: the response itself. */
export const responseOf = (answer: RawAnswer): SeenMessage => {
  const message = messagesOf(answer).at(-1);
  if (message === undefined) throw new Error(`no message in an answer with status ${answer.status}`);
  return message;
};
