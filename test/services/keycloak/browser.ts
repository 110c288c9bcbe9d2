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
    const { target } = await this.#walk(url, (to) => to.origin + to.pathname === end);
    assert.ok(target !== undefined, `not sent to ${end}`);
    return target;
  }

  /** The same up to a page that asks for nothing more; gives the text of that. Pages of the gateway are gone on from. */
  async visit(url: URL): Promise<string> {
    return (await this.#walk(url, () => false)).page;
  }

  async #walk(
    url: URL,
    isEnd: (target: URL) => boolean,
  ): Promise<{ readonly target?: URL; readonly page: string }> {
    let next: { readonly url: URL; readonly form?: URLSearchParams } = { url };
    let loggedIn = false;
    for (let step = 0; step < 20; step++) {
      const { response, page } = await this.#request(next.url, next.form);
      const location =
        response.headers.get('location') ?? /<a class="next"[^>]*\shref="([^"]+)"/.exec(page)?.[1];
      if (location !== undefined) {
        const target = new URL(location, next.url);
        if (isEnd(target)) return { target, page };
        next = { url: target };
        continue;
      }
      const action = /<form[^>]*\saction="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
      if (action === undefined) return { page };
      assert.ok(response.ok, `${response.status}: ${page.slice(0, 3000)}`);
      const form = new URLSearchParams(hidden(page));
      if (page.includes('name="password"')) {
        assert.ok(!loggedIn, 'the password was refused');
        loggedIn = true;
        for (const [name, value] of Object.entries(this.#person)) form.set(name, value);
      } else form.set('accept', 'Yes');
      next = { url: new URL(action, next.url), form };
    }
    throw new Error('sent around in circles');
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
