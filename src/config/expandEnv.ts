/** The environment, as far as expansion needs it: `process.env` fits. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A `${…}` that can not be expanded. `at` is its offset in the text that was given. */
export interface ExpansionFailure {
  readonly at: number;
  readonly message: string;
  readonly remedy: string;
}

export interface Expansion {
  readonly text: string;
  /** Whether anything came from the environment or a default: such text is never shown in a message. */
  readonly expanded: boolean;
  /** Whether the text was one `${…}` and nothing else: then it may stand for a number or a boolean. */
  readonly whole: boolean;
  readonly failures: readonly ExpansionFailure[];
}

/** `$${`, a whole reference, or a reference's beginning with no proper end. */
const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Expands `${NAME}` and `${NAME:-default}` in one scalar; `$${` stands for a literal `${`.
 *
 * Works on values that YAML has parsed already, so what a variable holds can never become structure. As in a shell, the default
 * stands in for a variable that is unset or empty. What a variable holds is not expanded again.
 */
export const expandEnv = (source: string, env: Env): Expansion => {
  if (!source.includes('${')) return { text: source, expanded: false, whole: false, failures: [] };
  const failures: ExpansionFailure[] = [];
  let expanded = false;
  let whole = false;
  const text = source.replace(reference, (match: string, ...rest: unknown[]) => {
    if (match === '$${') return '${';
    const [name, fallback, at] = rest as [string | undefined, string | undefined, number];
    if (name === undefined || fallback?.includes('${') === true) {
      failures.push({ at, ...malformed });
      return '';
    }
    expanded = true;
    whole = match === source;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined && fallback === undefined) failures.push({ at, ...unset(name) });
    return value === undefined || value === '' ? (fallback ?? '') : value;
  });
  return { text, expanded, whole, failures };
};

const malformed = {
  message: 'This is no reference to an environment variable',
  remedy: 'Write `${NAME}` or `${NAME:-default}` (defaults do not nest), or `$${` for a literal `${`',
};

const unset = (name: string): Omit<ExpansionFailure, 'at'> => ({
  message: `The environment variable ${name} is not set`,
  remedy: `Set it before starting, or give a default: \`\${${name}:-default}\``,
});
