import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  visit,
  type Alias,
  type Document,
  type LineCounter,
  type Node,
  type Pair,
} from 'yaml';
import { ConfigError, type Diagnostic } from './configError.js';
import { expandEnv, type Env } from './expandEnv.js';
import { limits } from './limits.js';
import { childPointer } from './pointer.js';
import { diagnosticAt, type Place, type Position, type Tree } from './tree.js';

/** What the walk needs beside the parsed document: the text itself, to find references in it. */
export interface YamlSource {
  readonly file: string;
  readonly env: Env;
  readonly text: string;
  readonly lines: LineCounter;
}

/**
 * YAML nodes → plain data, with the place of every key and value, and the environment expanded in strings.
 *
 * Bounded in values and depth, because aliases repeat what they name, and may name what holds them.
 *
 * @throws ConfigError when the bounds are passed or an alias names nothing
 */
export const walkYaml = (
  document: Document,
  { file, env, text, lines }: YamlSource,
): { tree: Tree; diagnostics: Diagnostic[] } => {
  const places = new Map<string, Place>();
  const expanded = new Set<string>();
  const whole = new Set<string>();
  const broken = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const targets = aliasTargets(document);
  let count = 0;

  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const position = (node: Node): Position => positionAt(node.range?.[0] ?? 0);

  const read = (node: Node | null, pointer: string, key: Position, depth: number): unknown => {
    const at = node === null ? key : position(node);
    places.set(pointer, { key, value: at });
    if (++count > limits.maxConfigValues || depth > limits.maxConfigDepth)
      throw new ConfigError([diagnosticAt(file, pointer, at, ...tooMuch)]);
    if (node === null) return null;
    if (isAlias(node)) {
      const target = targets.get(node);
      if (target === undefined) throw new ConfigError([diagnosticAt(file, pointer, at, ...noAnchor)]);
      return read(target, pointer, key, depth + 1);
    }
    if (isMap<Node, Node | null>(node)) return readMap(node.items, pointer, depth);
    if (isSeq<Node | null>(node))
      return node.items.map((item, index) =>
        read(item, childPointer(pointer, index), item === null ? at : position(item), depth + 1),
      );
    if (isScalar(node))
      return typeof node.value === 'string' ? readText(node, node.value, pointer) : node.value;
    return null;
  };

  const readMap = (items: readonly Pair<Node, Node | null>[], pointer: string, depth: number): unknown => {
    const map: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : '';
      const child = childPointer(pointer, name);
      const at = position(key);
      // Assigning to `__proto__` would change what the map inherits instead of adding to it.
      if (name === '__proto__') diagnostics.push(diagnosticAt(file, child, at, ...reserved));
      else if (Object.hasOwn(map, name))
        diagnostics.push(diagnosticAt(file, child, at, ...twice(name, places.get(child)?.key.line)));
      else map[name] = read(value, child, at, depth + 1);
    }
    return map;
  };

  const readText = (node: Node, source: string, pointer: string): string => {
    const expansion = expandEnv(source, env);
    if (expansion.expanded) expanded.add(pointer);
    if (expansion.whole) whole.add(pointer);
    for (const { at, message, remedy } of expansion.failures) {
      broken.add(pointer);
      diagnostics.push(diagnosticAt(file, pointer, locate(node, source, at), message, remedy));
    }
    return expansion.text;
  };

  /** Where in the file a reference of a scalar stands: quotes and escapes move it, so it is counted, not computed. */
  const locate = (node: Node, source: string, offset: number): Position => {
    const [from = 0, to = from] = node.range ?? [];
    const nth = source.slice(0, offset).split('${').length;
    let found = from - 1;
    for (let i = 0; i < nth; i++) found = text.indexOf('${', found + 1);
    return positionAt(found >= from && found < to ? found : from);
  };

  const value = read(document.contents, '', { line: 1, column: 1 }, 0);
  return { tree: { file, value, places, expanded, whole, broken }, diagnostics };
};

/** Alias → what it names: the last anchor of that name before it. One pass; `alias.resolve` would search the document each time. */
const aliasTargets = (document: Document): ReadonlyMap<Alias, Node> => {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
};

const tooMuch = [
  `The file means more than ${limits.maxConfigValues} values, or more than ${limits.maxConfigDepth} levels`,
  'Write out what the aliases (`*name`) repeat, and let none contain itself',
] as const;

const noAnchor = [
  'This alias names no anchor before it',
  'Define it with `&name`, or put text that begins with * in quotes',
] as const;

const reserved = ['`__proto__` can not be a key', 'Choose another name'] as const;

const twice = (name: string, line: number | undefined): [message: string, remedy: string] => [
  `\`${name}\` is written twice${line === undefined ? '' : `, first in line ${line}`}`,
  'Keep one of them',
];
