import type { ServerResponse } from 'node:http';

/** A call as a tool of the test backend sees it. */
export interface ToolCall {
  readonly name: string;
  readonly id: string | number;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
  /** Answers with one JSON object, or with the last event if `notify` has begun a stream. */
  reply(result: Readonly<Record<string, unknown>>): void;
  /** Sends a notification on the answer's SSE stream; false when the client is slow, as `write`. */
  notify(method: string, params: Readonly<Record<string, unknown>>): boolean;
  /** Resolves with the time (`performance.now`) at which the caller hung up before it had its answer. */
  readonly abandoned: Promise<number>;
  /** Resolves with the time at which `notifications/cancelled` for this call came. */
  readonly cancelled: Promise<number>;
}

/** Name → what a call does. */
export type McpTools = Readonly<Record<string, (call: ToolCall) => void>>;

/** A result with one text block. */
export const text = (value: string): Readonly<Record<string, unknown>> => ({
  content: [{ type: 'text', text: value }],
});

/** The tools most tests need: `echo` its arguments, `hang` for ever, `large` as many bytes as asked for. */
export const commonTools: McpTools = {
  echo: (call) => call.reply(text(JSON.stringify(call.arguments))),
  hang: () => undefined,
  large: (call) => call.reply(text('x'.repeat(Number(call.arguments['bytes'])))),
  /** Works for `ms` milliseconds, or until its caller leaves. */
  slow: (call) => {
    const timer = setTimeout(() => call.reply(text('done')), Number(call.arguments['ms']));
    call.response.once('close', () => clearTimeout(timer));
  },
  /** Says for `bytes` bytes that it gets on, never faster than its reader. */
  flood: (call) => {
    const total = Number(call.arguments['bytes']);
    const message = 'y'.repeat(64 * 1024);
    let sent = 0;
    const more = (): void => {
      while (sent < total && !call.response.destroyed) {
        sent += message.length;
        const taken = call.notify('notifications/progress', {
          progressToken: call.meta['progressToken'],
          progress: sent,
          message,
        });
        if (!taken) return void call.response.once('drain', more);
      }
      if (!call.response.destroyed) call.reply(text(`sent ${sent}`));
    };
    more();
  },
};
