/** Where the gateway goes because somebody else than its configuration names an address; see docs/network.md. */
export interface NetworkSettings {
  /** Whether such addresses may be private ones or loopback: `origin` where whoever names them is at one himself. */
  readonly private: 'origin' | 'allow' | 'deny';
  /** Host names (`*.` in front for those below), addresses and networks that may be named by anybody. */
  readonly allowed: readonly string[];
  /** The same, for what nothing connects to, whoever names it. */
  readonly denied: readonly string[];
}
