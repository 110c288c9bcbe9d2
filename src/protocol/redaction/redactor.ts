import { isObject, type Params } from '../jsonrpc.js';
import { metaOf } from '../mcp.js';
import { parseJson } from '../parseJson.js';
import { changeAt } from './changeAt.js';
import type { CompiledRule } from './compiledRule.js';
import { dropped } from './dropped.js';
import { foundIn } from './foundIn.js';
import { findings, type Finding } from './findings.js';
import { isReplacement } from './isReplacement.js';
import { mapChildren } from './mapChildren.js';
import { isProtocols } from './isProtocols.js';
import { openFrom } from './openFrom.js';
import { replacements, type ReplacementOptions, type Replacements } from './replacements.js';
import type { TextRedactor } from './textRedactor.js';

/** JSON within JSON within JSON: deeper than this, texts are texts. */
const maxNested = 3;
/** Deeper than this no text is taken for JSON; values of messages are bounded where they are read. */
const maxDepth = 128;
/** Names of members that say of a value that it is a secret. */
const secretName = /(?:passw(?:or)?d|passphrase|pwd|secret|token|key|credential)s?$/i;
/** Whole numbers from here on may be something: shorter ones are counts. */
const leastNumber = 10_000_000;

/** Members of the protocol that hold parts of it; of any other nothing is the protocol's. */
const holders: ReadonlySet<string> = new Set(
  'content contents messages resource completion task tasks result error params inputRequests elicitations request'.split(
    ' ',
  ),
);
const metaOfProtocol = /^(?:io\.modelcontextprotocol\/.*|progressToken|traceparent|tracestate)$/;

export interface RedactorOptions extends ReplacementOptions {
  /** Whether there are patterns of somebody's own, of which nobody knows how what they find begins. */
  readonly ownPatterns?: boolean;
}

/**
 * Applies rules to all that a call carries. Nothing is copied where nothing is found: the same object comes back.
 *
 * Texts that are JSON, or lines of it, are documents too: a path leads into each of them from its own root, and what is escaped in them is
 * found. One that has been changed is written anew, with numbers as JavaScript reads them.
 */
export class Redactor implements TextRedactor {
  readonly #replace: Replacements;
  /** They look everywhere. */
  readonly #everywhere: readonly CompiledRule[];
  /** They look where their paths lead. */
  readonly #placed: readonly CompiledRule[];
  readonly #ownPatterns: boolean;

  constructor(rules: readonly CompiledRule[], options: RedactorOptions) {
    this.#ownPatterns = options.ownPatterns ?? false;
    this.#replace = replacements(options);
    this.#everywhere = rules.filter(({ find, paths }) => find !== undefined && paths.length === 0);
    this.#placed = rules.filter(({ paths }) => paths.length > 0);
  }

  find(text: string): readonly Finding[] {
    return foundIn(text, this.#everywhere);
  }

  replaced(text: string, { label, rule }: Finding): string {
    return this.#replace.text(text, label, rule);
  }

  openFrom(text: string): number {
    return openFrom(text, this.#ownPatterns);
  }

  text(text: string): string {
    return this.#text(text, this.#everywhere, 0);
  }

  /** A value of which nothing is the protocol's: arguments, structured content. */
  document(value: unknown): unknown {
    return this.#document(value, 0);
  }

  /** In it the protocol has its part. */
  message<T extends object>(holder: T, uri?: string): T {
    return mapChildren(holder, (child, key) => this.#part(child, key, holder as Params, uri)) as T;
  }

  /** `_meta`, without what is the protocol's. */
  meta(meta: unknown): unknown {
    return mapChildren(meta, (child, key) =>
      metaOfProtocol.test(String(key)) ? child : this.document(child),
    );
  }

  #part(child: unknown, key: string | number, parent: Params, uri: string | undefined): unknown {
    if (key === '_meta') return this.meta(metaOf(parent));
    if (key === 'structuredContent' || key === 'input') return this.document(child);
    if (key === 'data' && isMedia(parent)) return child;
    if (key === 'data' && !asksByUrl(child)) return this.document(child);
    // A form that a person has filled in.
    if (key === 'content' && 'action' in parent) return this.document(child);
    if (typeof child !== 'string') {
      if (typeof child !== 'object' || child === null) return child;
      // Questions and their answers are called as their server likes.
      const isHolder =
        typeof key === 'number' ||
        holders.has(key) ||
        ('method' in child && 'params' in child) ||
        asksByUrl(child);
      return isHolder ? this.message(child, uri) : this.#walk(child, this.#everywhere, 0);
    }
    if (key === 'blob') return this.#blob(child, parent['mimeType']);
    const isAddress = child === uri || (key === 'url' && parent['mode'] === 'url');
    return isAddress || isProtocols(String(key), child, parent) ? child : this.text(child);
  }

  /** Text in base64. */
  #blob(blob: string, mimeType: unknown): string {
    if (
      typeof mimeType !== 'string' ||
      !/^(?:text\/|application\/(?:[\w.-]{1,64}[+-])?(?:json|ndjson|jsonl|xml|yaml|toml|csv|sql|graphql|javascript))/i.test(
        mimeType,
      )
    )
      return blob;
    const text = Buffer.from(blob, 'base64').toString('utf8');
    const redacted = this.text(text);
    return redacted === text ? blob : Buffer.from(redacted).toString('base64');
  }

  #document(value: unknown, nested: number): unknown {
    let document = value;
    for (const rule of this.#placed)
      for (const path of rule.paths)
        document = changeAt(document, path, (found) =>
          rule.find === undefined ? this.#replace.value(found, rule) : this.#walk(found, [rule], nested),
        );
    if (document === dropped) return Array.isArray(value) ? [] : {};
    return this.#everywhere.length === 0 && this.#placed.length === 0
      ? document
      : this.#walk(document, this.#everywhere, nested);
  }

  #walk(value: unknown, rules: readonly CompiledRule[], nested: number, name = ''): unknown {
    if (typeof value === 'string') return this.#text(value, rules, nested, name);
    if (typeof value === 'number') return this.#number(value, rules);
    return mapChildren(
      value,
      (child, key) => this.#walk(child, rules, nested, typeof key === 'string' ? key : name),
      (key) => this.#plain(key, rules),
    );
  }

  #number(value: number, rules: readonly CompiledRule[]): unknown {
    if (!Number.isInteger(value) || value < leastNumber) return value;
    const [found] = findings(String(value), rules);
    return found === undefined ? value : this.#replace.value(value, found.rule);
  }

  /** @param name of the member whose value it is */
  #text(text: string, rules: readonly CompiledRule[], nested: number, name = ''): string {
    if (nested < maxNested && text.length > 1) {
      const json = this.#json(text, nested + 1);
      if (json !== undefined) return json;
    }
    return this.#plain(text, rules, secretName.test(name) ? `${name}=` : '');
  }

  /** A text that is JSON, or has some on each line; undefined for any other. */
  #json(text: string, nested: number): string | undefined {
    // Whatever stands around it, a byte order mark too.
    const bare = text.trim();
    if (!/^["[{]/.test(bare)) return undefined;
    const value = parseJson(bare, maxDepth);
    if (value === undefined) return text.includes('\n') ? this.#lines(text, nested) : undefined;
    const redacted = this.#document(value, nested);
    return redacted === value ? text : JSON.stringify(redacted, undefined, indentOf(text));
  }

  #lines(text: string, nested: number): string | undefined {
    const lines = text.split('\n');
    if (!lines.every((line) => /^(?:$|[[{])/.test(line.trim()))) return undefined;
    return lines.map((line) => this.#json(line, nested) ?? this.#plain(line, this.#everywhere)).join('\n');
  }

  /** @param before what tells of the text that follows: part of what is looked at, not of what is given back */
  #plain(text: string, rules: readonly CompiledRule[], before = ''): string {
    if (isReplacement(text)) return text;
    let out = '';
    let at = 0;
    for (const { start, end, label, rule } of foundIn(before + text, rules)) {
      const from = Math.max(start - before.length, 0);
      const to = end - before.length;
      if (to <= from) continue;
      out += text.slice(at, from) + this.#replace.text(text.slice(from, to), label, rule);
      at = to;
    }
    return at === 0 ? text : out + text.slice(at);
  }
}

/** The data of an error that asks for elicitations by URL (-32042). */
const asksByUrl = (data: unknown): boolean => isObject(data) && Array.isArray(data['elicitations']);

const isMedia = ({ type }: Params): boolean => type === 'image' || type === 'audio';

/** How a JSON text is indented, to write it alike. */
const indentOf = (text: string): number => {
  const spaces = /^[[{]\r?\n( {1,8})/.exec(text.trimStart())?.[1];
  return spaces?.length ?? 0;
};
