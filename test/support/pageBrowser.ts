import assert from 'node:assert/strict';

/** What a browser shows in the end, and the way there. */
export interface Shown {
  readonly status: number;
  readonly url: URL;
  readonly page: string;
  readonly headers: Headers;
  /** The URLs it was sent to on the way, that one included. */
  readonly visited: readonly URL[];
}

/** A browser without scripts: it follows redirects, keeps each origin's cookies and clicks where a page says how to go on. */
export class PageBrowser {
  /** By origin, as cookies of one port go to no other. */
  readonly cookies = new Map<string, Map<string, string>>();

  readonly #person: string;

  /** @param person as who it is logged in wherever it comes */
  constructor(person: string) {
    this.#person = person;
  }

  async open(url: URL | string, form?: URLSearchParams): Promise<Shown> {
    const visited: URL[] = [];
    let next = new URL(url);
    let body = form;
    for (let step = 0; step < 10; step++) {
      visited.push(next);
      const response = await this.#request(next, body);
      const location = response.headers.get('location');
      const page = await response.text();
      if (location === null)
        return { status: response.status, url: next, page, headers: response.headers, visited };
      next = new URL(location, next);
      body = undefined;
    }
    throw new Error('sent around in circles');
  }

  /** Goes on from a page. */
  click({ page, url }: Shown): Promise<Shown> {
    const [, href] = /<a class="next"[^>]* href="([^"]+)"/.exec(page) ?? [];
    assert.ok(href !== undefined, page);
    return this.open(new URL(href, url));
  }

  /** Opens the page of a link, and goes on from page to page. */
  async connect(url: URL | string): Promise<Shown> {
    let shown = await this.open(url);
    assert.equal(shown.status, 200, shown.page);
    const visited = [...shown.visited];
    while (shown.page.includes('<a class="next"')) {
      shown = await this.click(shown);
      visited.push(...shown.visited);
    }
    return { ...shown, visited };
  }

  async #request(url: URL, form: URLSearchParams | undefined): Promise<Response> {
    const jar = this.cookies.get(url.origin) ?? new Map<string, string>();
    this.cookies.set(url.origin, jar);
    const sent = [...jar, ['person', this.#person] as const].map(([name, value]) => `${name}=${value}`);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: sent.join('; '), ...(form !== undefined && { origin: url.origin }) },
      ...(form !== undefined && { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
}
