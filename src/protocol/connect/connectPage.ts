import { createHash } from 'node:crypto';

/** What a page of the gateway says. All is text, and stands in the page as such. */
export interface ConnectPage {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Where it goes on: a path of the gateway. */
  readonly next?: { readonly path: string; readonly label: string };
  /** A form that asks for an API key, and the sealed text that says what it is for. */
  readonly asksKey?: { readonly path: string; readonly step: string };
}

const style =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}' +
  'a.next,button{display:inline-block;padding:.5rem 1.2rem;border:0;border-radius:.3rem;background:#0b5cad;color:#fff;font:inherit;text-decoration:none}' +
  'input{font:inherit;padding:.4rem;width:20rem;max-width:100%}';

/**
 * What goes with every page: no script, nothing from elsewhere, in no frame, in no cache, and its URL, which is good for something, to
 * nobody. Forms go to the gateway itself.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
};

/** A page as HTML; to be sent with {@link pageHeaders}. */
export const connectPage = ({ title, paragraphs, next, asksKey }: ConnectPage): string =>
  [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
    `<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
    ...(next === undefined
      ? []
      : [`<p><a class="next" rel="noreferrer" href="${escaped(next.path)}">${escaped(next.label)}</a></p>`]),
    ...(asksKey === undefined
      ? []
      : [
          `<form method="post" action="${escaped(asksKey.path)}">`,
          `<input type="hidden" name="step" value="${escaped(asksKey.step)}">`,
          '<p><label>API key<br><input type="password" name="key" autocomplete="off" required></label></p>',
          '<p><button>Continue</button></p></form>',
        ]),
    '</body></html>\n',
  ].join('\n');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in HTML and in quoted attributes; what controls a terminal or the direction of text is left out. */
const escaped = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
