import { anyOf } from './glob.js';
import { uriForms } from './uriForms.js';

/** What patterns say of a text. */
interface Verdicts {
  readonly allows: (text: string) => boolean;
  /** Goes before `allows`. */
  readonly denies: (text: string) => boolean;
}

export interface UriPatterns {
  /** Whether this very URI may be read. */
  readonly uri: Verdicts;
  /** Whether a template may stand for a URI that may be read. */
  readonly template: Verdicts;
}

/**
 * Compiles patterns of URIs (`*` any run of characters, `/` included, `?` one).
 *
 * A URI is compared in both its forms: it is allowed only if each is, and denied if either is, or would be without its query and
 * fragment. One that `uriForms` refuses is denied.
 *
 * @param allowed undefined for all
 */
export const uriPatterns = (
  allowed: readonly string[] | undefined,
  denied: readonly string[],
): UriPatterns => {
  const [allows, denies] = [bothForms(allowed ?? ['*']), bothForms(denied)];
  const prefixes = allowed?.map((pattern) => literal(lowered(pattern), /[*?]/));
  return {
    uri: {
      allows(uri) {
        const forms = uriForms(uri);
        return forms !== undefined && allows.exact(forms.exact) && allows.bare(forms.bare);
      },
      denies(uri) {
        const forms = uriForms(uri);
        if (forms === undefined) return true;
        const { exact, bare } = forms;
        return (
          [exact, withoutQuery(exact)].some(denies.exact) || [bare, withoutQuery(bare)].some(denies.bare)
        );
      },
    },
    template: {
      allows(template) {
        const prefix = literal(lowered(template), /\{/);
        return (
          prefixes === undefined || prefixes.some((own) => own.startsWith(prefix) || prefix.startsWith(own))
        );
      },
      denies: (template) => denies.exact(template) || denies.bare(template),
    },
  };
};

/** A pattern that can't be normalised (`*`, `db:*`) is compared as it stands. */
const bothForms = (patterns: readonly string[]) => {
  const forms = patterns.map((pattern) => uriForms(pattern) ?? { exact: pattern, bare: pattern });
  return {
    exact: anyOf(forms.map(({ exact }) => exact)),
    bare: anyOf(forms.map(({ bare }) => bare)),
  };
};

const withoutQuery = (uri: string): string => uri.replace(/[?#][^]*$/, '');

const literal = (text: string, end: RegExp): string => text.split(end, 1)[0] ?? '';

const lowered = (uri: string): string =>
  uri.replace(/^[^:/]*:(?:\/\/[^/?#]*)?/, (head) => head.toLowerCase());
