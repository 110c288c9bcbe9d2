import type { Readable } from 'node:stream';
import { isObject } from '../protocol/jsonrpc.js';
import { CliError, exitCodes } from './cliError.js';

/** A gateway takes no larger body by default. */
const maxBytes = 4 * 1024 * 1024;

/**
 * The arguments of a call.
 *
 * @param text a JSON object, or `-` to read one from `stdin`
 * @throws CliError that shows the place when it is no JSON object
 */
export const readArguments = async (
  text: string,
  stdin: Readable,
): Promise<Readonly<Record<string, unknown>>> => {
  const json = text === '-' ? await readAll(stdin) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw wrong(`The arguments are not JSON: ${(error as SyntaxError).message}`, placeOf(error, json));
  }
  if (!isObject(value)) throw wrong(`The arguments are not a JSON object but ${nameOf(value)}`, []);
  return value;
};

const wrong = (message: string, place: readonly string[]): CliError =>
  new CliError(message, {
    exitCode: exitCodes.usage,
    remedy: [...place, `They look like this: '{"id":"1001"}'  (or - to read them from stdin)`],
  });

/** The line and a mark under the character that is wrong. */
const placeOf = (error: unknown, json: string): string[] => {
  const at = offsetOf((error as SyntaxError).message, json);
  if (at === undefined) return [];
  const start = json.lastIndexOf('\n', at - 1) + 1;
  const endOfLine = json.indexOf('\n', at);
  const line = json.slice(start, endOfLine === -1 ? json.length : endOfLine);
  const from = Math.max(0, at - start - 60);
  return [line.slice(from, from + 100), `${' '.repeat(at - start - from)}^`];
};

/** V8 tells the position of some mistakes only; of an unexpected token it tells which it was. */
const offsetOf = (message: string, json: string): number | undefined => {
  const told = /at position (\d+)/.exec(message)?.[1];
  if (told !== undefined) return Number(told);
  const token = /^Unexpected token '?(.)/u.exec(message)?.[1];
  if (token === undefined) return json.length;
  // Each candidate costs a parse: for people's input only.
  if (json.length > 10_000) return undefined;
  for (let at = json.indexOf(token); at !== -1; at = json.indexOf(token, at + 1))
    if (isUnexpectedAt(json, at + token.length)) return at;
  return undefined;
};

/** Whether the text up to `end` is wrong already, rather than unfinished. */
const isUnexpectedAt = (json: string, end: number): boolean => {
  try {
    JSON.parse(json.slice(0, end));
    return false;
  } catch (error) {
    return (error as SyntaxError).message.startsWith('Unexpected token');
  }
};

const nameOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
};

const readAll = async (stdin: Readable): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk as string);
    size += bytes.length;
    if (size > maxBytes) throw wrong('The arguments on stdin are larger than 4 MiB', []);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};
