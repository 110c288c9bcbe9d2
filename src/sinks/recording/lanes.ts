import { createHmac, createHash, randomBytes } from 'node:crypto';
import type { Exchange } from '../../streams/exchange.js';
import type { Valve } from '../../streams/valve.js';

/** What a call belongs to, and whether that is recorded. */
export interface Lane {
  readonly name: string;
  readonly sampled: boolean;
}

/**
 * Finds what calls belong to: what is recorded is recorded whole, so that it can be replayed.
 *
 * A session is a lane, with its id as a digest; so is a connection that carries messages. A caller that has neither (2026 era on HTTP) is
 * known by its address and what it shows for itself, hashed with a key that nobody keeps.
 */
export class Lanes {
  readonly #sample: number;
  readonly #key = randomBytes(32);
  readonly #connections = new WeakMap<Valve, Lane>();
  #count = 0;

  /** @param sample share of lanes to be recorded */
  constructor(sample: number) {
    this.#sample = sample;
  }

  /** The lane of a call; undefined while it is not known yet: `initialize` opens a session whose id comes with its answer. */
  of({ origin, outlet, message }: Exchange): Lane | undefined {
    if (origin.transport !== 'http') return this.#ofConnection(outlet.valve);
    if (origin.sessionId !== undefined) return this.ofSession(origin.sessionId);
    if (message.method === 'initialize') return undefined;
    const { authorization, 'x-api-key': key } = origin.headers;
    return this.#ofCaller([origin.address, authorization, key].map(String).join('\n'));
  }

  /** Nobody can choose the id of a session: a part of its digest is as good as a die, and the same on every instance. */
  ofSession(sessionId: string): Lane {
    const digest = createHash('sha256').update(sessionId).digest();
    return this.#lane('s', digest);
  }

  /** A call that opened no session. */
  ofNobody(): Lane {
    return { name: 'u:nobody', sampled: this.#sample >= 1 };
  }

  #ofConnection(valve: Valve): Lane {
    const known = this.#connections.get(valve);
    if (known !== undefined) return known;
    const lane = { name: `c:${++this.#count}`, sampled: Math.random() < this.#sample };
    this.#connections.set(valve, lane);
    return lane;
  }

  #ofCaller(who: string): Lane {
    return this.#lane('u', createHmac('sha256', this.#key).update(who).digest());
  }

  #lane(sort: string, digest: Buffer): Lane {
    return {
      name: `${sort}:${digest.toString('base64url', 0, 12)}`,
      sampled: digest.readUInt32BE(28) / 2 ** 32 < this.#sample,
    };
  }
}
