import assert from 'node:assert/strict';
import type { Person } from './people.js';

/**
 * A browser as far as Keycloak's pages need one: it follows redirects, keeps cookies, fills in the form of the login and agrees where it
 * is asked to.
 */
export class Browser {
  readonly #person: Person;
  readonly #cookies = new Map<string, string>();

  constructor(person: Person) {
    this.#person = person;
  }

  /**
   * Opens a page and does what it and the next ones ask for.
   *
   * @param end where it is to be sent in the end, without query; nobody need listen there
   * @returns the URL it was sent to
   */
  async open(url: URL, end: string): Promise<URL> {
    let next: { readonly url: URL; readonly form?: URLSearchParams } = { url };
    let loggedIn = false;
    for (let step = 0; step < 10; step++) {
      const { response, page } = await this.#request(next.url, next.form);
      const location = response.headers.get('location');
      if (location !== null) {
        const target = new URL(location, next.url);
        if (target.origin + target.pathname === end) return target;
        next = { url: target };
        continue;
      }
      const action = /<form[^>]*\saction="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
      assert.ok(action !== undefined && response.ok, `${response.status}: ${page.slice(0, 3000)}`);
      const form = new URLSearchParams(hidden(page));
      if (page.includes('name="password"')) {
        assert.ok(!loggedIn, 'the password was refused');
        loggedIn = true;
        for (const [name, value] of Object.entries(this.#person)) form.set(name, value);
      } else form.set('accept', 'Yes');
      next = { url: new URL(action, next.url), form };
    }
    throw new Error(`still not at ${end}`);
  }

  async #request(url: URL, form: URLSearchParams | undefined) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form !== undefined && { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return { response, page: await response.text() };
  }
}

/** What a form sends besides what is typed. */
const hidden = (page: string): [string, string][] =>
  [...page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].flatMap(([input]) => {
    const [name, value] = ['name', 'value'].map((key) => new RegExp(`\\s${key}="([^"]*)"`).exec(input)?.[1]);
    return name === undefined ? [] : [[name, value ?? '']];
  });
