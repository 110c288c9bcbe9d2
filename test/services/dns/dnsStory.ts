import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { discoveringGateway, type DiscoveringGateway } from '../../support/services/discoveringGateway.js';
import { freePorts } from '../../support/services/freePorts.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startNsd, type Nsd } from '../../support/services/startNsd.js';
import { startPlace, type StartedPlace } from './startPlace.js';

/** What stories about names have in common: a DNS server, a gateway that asks it, services at loopback addresses. */
export class DnsStory {
  readonly #closing: (() => Promise<unknown>)[] = [];
  readonly #dns: Nsd;
  /** A port that is free at all addresses. */
  readonly port: number;
  #gateway: DiscoveringGateway | undefined;

  private constructor(dns: Nsd, port: number) {
    this.#dns = dns;
    this.port = port;
    this.#closing.push(() => dns.close());
  }

  static async begin(context: Mocha.Context): Promise<DnsStory> {
    const dns = await serviceFor(context, startNsd);
    const [port = 0] = await freePorts(1);
    return new DnsStory(dns, port);
  }

  get dns(): Nsd {
    return this.#dns;
  }

  get gateway(): DiscoveringGateway {
    if (this.#gateway === undefined) throw new Error('There is no gateway yet');
    return this.#gateway;
  }

  /** A service at an address, at the common port unless another is given. */
  async place(host: string, port = this.port): Promise<StartedPlace> {
    const place = await startPlace(host, port);
    this.#closing.unshift(() => place.close());
    return place;
  }

  /** Starts a gateway with one server, `orders`, found by the DNS server. */
  async startGateway(dns: string, more = ''): Promise<void> {
    this.#gateway = await discoveringGateway(`
servers:
  orders:
    type: rest
    url: http://orders.test:${this.port}
    dns: { resolvers: ['${this.#dns.address}'], min_ttl: 50ms, ${dns} }
    tools: { get: { path: /orders } }
    health_check: { enabled: false }
    ${more}
`);
    this.#closing.unshift(() => this.gateway.close());
  }

  /** What health says of the server. */
  get health() {
    const [server] = this.gateway.health().servers;
    if (server === undefined) throw new Error('There is no server');
    return server;
  }

  /** Waits until DNS is seen like this. */
  async seen(addresses: number, status: NonNullable<DnsStory['health']['dns']>['status']): Promise<void> {
    await eventually(15_000, `${addresses} addresses, ${status}`, () => {
      const { dns } = this.health;
      return dns?.addresses === addresses && dns.status === status;
    });
  }

  /** Calls the server's tool so many times, one after the other; gives how many failed. */
  async call(times = 1): Promise<number> {
    let failed = 0;
    for (; times > 0; times--) {
      const { result } = await modernCall(this.gateway.port, 'orders_get');
      if (result === undefined || result.isError === true) failed++;
    }
    return failed;
  }

  async end(): Promise<void> {
    for (const close of this.#closing) await close();
  }
}
