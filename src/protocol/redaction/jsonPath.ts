/** One step of a path: into a member, an element (from the end if negative), or all of them; `deep`: here and at every level below. */
export interface PathStep {
  readonly deep: boolean;
  /** Undefined for `*`. */
  readonly key: string | number | undefined;
}

/** A path into a JSON document; without steps it is the document itself. */
export type JsonPath = readonly PathStep[];

const step =
  /(?<deep>\.\.)?(?:\[(?:(?<index>-?\d{1,9})|(?<star>\*)|'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)")\]|(?<dot>\.)?(?:(?<any>\*)|(?<name>[\p{L}\p{N}_$-]+)))/uy;

/** Longer than any path that somebody writes. */
const maxLength = 1024;

/**
 * Reads a JSONPath (RFC 9535) as far as rules need it: names, `['names']`, indexes, `*` and `..`; no slices, filters and functions. The
 * `$` at the beginning may be left out.
 *
 * @throws SyntaxError that says from where on it can't be read
 */
export const jsonPath = (text: string): JsonPath => {
  if (text.length > maxLength) throw new SyntaxError(`it is longer than ${maxLength} characters`);
  const steps: PathStep[] = [];
  const isRooted = /^\$(?=[.[]|$)/.test(text);
  step.lastIndex = isRooted ? 1 : 0;
  while (step.lastIndex < text.length) {
    const at = step.lastIndex;
    const groups = step.exec(text)?.groups;
    const isFirst = at === 0;
    if (groups === undefined || (isBare(groups) && !isFirst)) throw unreadable(text.slice(at));
    steps.push({ deep: groups['deep'] !== undefined, key: keyOf(groups) });
  }
  if (steps.length === 0 && !isRooted) throw unreadable(text);
  return steps;
};

type Groups = Readonly<Record<string, string | undefined>>;

/** A name with nothing before it. */
const isBare = ({ deep, dot, any, name }: Groups): boolean =>
  (any !== undefined || name !== undefined) && deep === undefined && dot === undefined;

const keyOf = ({ index, single, double, name }: Groups): string | number | undefined => {
  if (index !== undefined) return Number(index);
  return single?.replace(/\\(.)/g, '$1') ?? double?.replace(/\\(.)/g, '$1') ?? name;
};

const unreadable = (rest: string): SyntaxError =>
  new SyntaxError(`\`${rest.slice(0, 40)}\` can not be read: names, ['names'], [0], * and .. can`);
