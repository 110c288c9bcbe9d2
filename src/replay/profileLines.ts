import { seededRandom } from '../protocol/seededRandom.js';
import { metaKeys } from '../protocol/mcp.js';
import type { RecordedLine } from '../protocol/recording/recordedLine.js';
import { revisionOf } from '../protocol/revisions/index.js';
import { unknownOutcome } from './unknownOutcome.js';

/** Shapes of load. */
export const profiles = ['burst', 'ramp', 'soak'] as const;
export type Profile = (typeof profiles)[number];

export interface ProfileOptions {
  readonly profile: Profile;
  /** Calls a second: all the time (`soak`), at the end (`ramp`), between bursts of five times as many (`burst`). */
  readonly perSecond: number;
  readonly seconds: number;
  /** The tools that are called in turn, with their arguments; none for lists and pings. */
  readonly calls: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
  /** The revision of MCP; in one that has sessions, there are ten. */
  readonly revision: string;
}

/** Sessions that calls are spread over. */
const sessions = 10;
/** A burst: a second of every ten. */
const burst = { everyS: 10, seconds: 1, factor: 5 } as const;

/**
 * A stream that nobody recorded: calls that come by themselves, as those of many people do (a Poisson process), more or fewer of them
 * over time. The same options give the same stream.
 */
export const profileLines = function* (options: ProfileOptions): Generator<RecordedLine> {
  const { seconds, revision } = options;
  const hasSessions = revisionOf(revision)?.sessions !== false;
  const random = seededRandom(1);
  const peak = options.perSecond * (options.profile === 'burst' ? burst.factor : 1);
  let n = 0;
  // As many as at the peak, of which those go that are too many for the moment.
  for (let at = -Math.log(1 - random()) / peak; at < seconds; at -= Math.log(1 - random()) / peak) {
    if (random() * peak >= rateAt(at, options)) continue;
    n++;
    const call = callOf(n, options, hasSessions);
    const lane = hasSessions ? `p:${n % sessions}` : `u:${n % sessions}`;
    const t = at * 1000;
    yield { kind: 'call', t, n, lane, transport: 'http', revision, id: n, ...call };
    yield { kind: 'end', t, n, outcome: unknownOutcome };
  }
};

const rateAt = (at: number, { profile, perSecond, seconds }: ProfileOptions): number => {
  if (profile === 'ramp') return (perSecond * at) / seconds;
  return profile === 'burst' && at % burst.everyS < burst.seconds ? perSecond * burst.factor : perSecond;
};

const callOf = (n: number, { calls, revision }: ProfileOptions, hasSessions: boolean) => {
  const call = calls[n % calls.length];
  const method = call === undefined ? (n % 2 === 0 || !hasSessions ? 'tools/list' : 'ping') : 'tools/call';
  if (hasSessions) return { method, params: { ...call } };
  const meta = {
    [metaKeys.protocolVersion]: revision,
    [metaKeys.clientCapabilities]: {},
    [metaKeys.clientInfo]: { name: 'sluice-replay', version: '1' },
  };
  return { method, params: { ...call, _meta: meta } };
};
