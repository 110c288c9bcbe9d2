import ora, { type Ora } from 'ora';
import type { Params } from '../protocol/jsonrpc.js';
import type { Reply } from '../streams/reply.js';
import { contentText } from './contentText.js';
import { printable } from './printable.js';
import { coloursOf, type Terminal } from './terminal.js';

/** Shows the replies of one call as they come. */
export interface CallOutput {
  readonly show: (reply: Reply) => void;
  /** Whether the call ended with an error, or with a result that is one. */
  readonly failed: boolean;
  /** Takes the spinner away. */
  stop(): void;
}

/**
 * Makes the output of `sluice call`.
 *
 * For people: progress and log lines on stderr, with a spinner if that is a terminal, and the result on stdout.
 * For scripts: every message as one line of JSON on stdout, the last one of type `result` or `error`.
 */
export const callOutput = (tool: string, json: boolean, terminal: Terminal): CallOutput =>
  json ? jsonOutput(terminal) : textOutput(tool, terminal);

const jsonOutput = ({ stdout }: Terminal): CallOutput => {
  let failed = false;
  const write = (line: object): void => void stdout.write(`${JSON.stringify(line)}\n`);
  return {
    show: (reply) => {
      if (reply.kind === 'notification') write({ type: typeOf(reply.method), ...reply.params });
      else if (reply.kind === 'result') write({ type: 'result', result: reply.result });
      else if (reply.kind === 'error') write({ type: 'error', error: reply.error });
      failed ||= isFailure(reply);
    },
    get failed() {
      return failed;
    },
    stop: () => undefined,
  };
};

const typeOf = (method: string): string =>
  method === 'notifications/progress' ? 'progress' : method === 'notifications/message' ? 'log' : method;

const textOutput = (tool: string, { stdout, stderr, env }: Terminal): CallOutput => {
  const { dim, red } = coloursOf(stderr, env);
  const spinner = spin(tool, stderr);
  let failed = false;
  // The spinner makes room by itself for what is written to its stream.
  const above = (line: string): void => void stderr.write(`${dim(printable(line, stderr))}\n`);
  return {
    show: (reply) => {
      failed ||= isFailure(reply);
      if (reply.kind === 'notification') return above(noticeText(reply.method, reply.params));
      spinner?.stop();
      if (reply.kind === 'error')
        stderr.write(`${red('error:')} ${printable(reply.error.message, stderr)}\n`);
      if (reply.kind !== 'result') return;
      if (isFailure(reply)) stderr.write(`${red('error:')} the tool ${tool} reports a failure\n`);
      stdout.write(printable(contentText(reply.result), stdout));
    },
    get failed() {
      return failed;
    },
    stop: () => void spinner?.stop(),
  };
};

const spin = (tool: string, stderr: Terminal['stderr']): Ora | undefined =>
  // A pseudo-terminal without a size has 0 columns, into which ora would wrap its line without end.
  stderr.isTTY === true && (stderr.columns ?? 0) > 0
    ? // Raw mode would swallow Ctrl-C, which has to cancel the call.
      ora({ text: tool, stream: stderr as NodeJS.WriteStream, discardStdin: false }).start()
    : undefined;

const isFailure = (reply: Reply): boolean =>
  reply.kind === 'error' || (reply.kind === 'result' && reply.result['isError'] === true);

const noticeText = (method: string, params: Params): string => {
  if (method === 'notifications/progress') return progressText(params);
  if (method === 'notifications/message') return `[${asText(params['level'])}] ${asText(params['data'])}`;
  return `${method} ${JSON.stringify(params)}`;
};

const progressText = ({ progress, total, message }: Params): string => {
  const count = total === undefined ? asText(progress) : `${asText(progress)}/${asText(total)}`;
  return message === undefined ? count : `${count}  ${asText(message).trimEnd()}`;
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
