import { isObject } from '../../protocol/jsonrpc.js';
import { aTime, ignored } from './ignored.js';
import type { ToolDraft } from './toolDraft.js';

/** Meta of a service: every value is a text of at most 512 characters. */
export type Meta = Readonly<Record<string, string>>;

/** What a registration's Meta says of the tools of its service. Names are its own, without the prefix. */
export const readMeta = (meta: Meta): readonly ToolDraft[] => {
  const streaming = wordsOf(meta['mcp-streaming']);
  return wordsOf(meta['mcp-tools']).map((name) => toolOf(meta, name, streaming.includes(name)));
};

const toolOf = (meta: Meta, name: string, streaming: boolean): ToolDraft => {
  const said = (what: string): string | undefined => {
    const value = meta[`mcp-tools-${name}-${what}`];
    return value === undefined || value === '' ? undefined : value;
  };
  const parsed = ['inputSchema', 'outputSchema', 'annotations'].map(
    (what) => [what, objectIn(said(what))] as const,
  );
  const broken = parsed.find(([, value]) => value === null);
  const [inputSchema, outputSchema, annotations] = parsed.map(([, value]) => value ?? undefined);
  const timeout = said('timeout');
  const timeoutMs = millisecondsIn(timeout);
  return {
    name,
    description: said('description'),
    inputSchema,
    outputSchema,
    annotations,
    method: said('method')?.toUpperCase(),
    path: said('path'),
    streaming: streaming || undefined,
    timeoutMs,
    ...(timeout !== undefined &&
      timeoutMs === undefined && { ignored: ignored('its timeout', timeout, aTime) }),
    signature: said('signature'),
    keyId: said('keyid'),
    ...(broken !== undefined && { fault: `its ${broken[0]} is no JSON object` }),
  };
};

/** Comma-separated words, each once. */
export const wordsOf = (text: string | undefined): readonly string[] => [
  ...new Set(
    (text ?? '')
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
];

/** Milliseconds written as a whole number above 0; undefined for anything else. */
export const millisecondsIn = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\s*\d{1,9}\s*$/.test(text)) return undefined;
  return Number(text) || undefined;
};

/** Undefined where nothing is written, null where it is no JSON object. */
const objectIn = (text: string | undefined): Readonly<Record<string, unknown>> | undefined | null => {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null; // no JSON: the caller reports it by the key's name
  }
};
