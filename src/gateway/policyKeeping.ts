import { createHash } from 'node:crypto';
import { distinctUntilChanged, type Observable, type Subscription } from 'rxjs';
import type { OpaSettings, PolicySettings } from '../config/opaSettings.js';
import type { ServerSettings, Settings } from '../config/settings.js';
import { fromPolicySource } from '../sources/opa/fromPolicySource.js';
import { drain } from '../streams/drain.js';
import { kept } from '../streams/kept.js';
import { onDemand } from '../streams/onDemand.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import { noPolicies, type Concerns, type Policies, type Policy } from '../streams/policies.js';
import { faulty } from '../streams/readDecision.js';
import { LivePolicy, type PolicyChange, type PolicyHealth } from './livePolicy.js';

/** The policies of a gateway, kept as its settings say. */
export interface PolicyKeeping {
  /** The policies of the moment. */
  readonly policies: () => Policies;
  /** Versions of policies as they come, good and bad. Hot. */
  readonly changes$: Observable<PolicyChange>;
  /** Emits when they may say something else than before. Hot; never errors. */
  readonly concerned$: Observable<Concerns>;
  /** How each source of policies is; undefined where there are none. */
  health(): readonly PolicyHealth[] | undefined;
  /** Resolves when every policy has been read, or can't be. */
  answered(): Promise<unknown>;
  close(): void;
}

/** A policy that decides over a server or one of its tools. */
interface Placed {
  readonly policy: Policy;
  readonly tool: string | undefined;
  /** The source it is asked of. */
  readonly source: string | undefined;
}

/** Which sources decide over which servers. */
interface Sources {
  readonly everywhere: readonly Placed[];
  readonly placed: ReadonlyMap<string, readonly Placed[]>;
  readonly lists: boolean;
}

const noSources: Sources = { everywhere: [], placed: new Map(), lists: false };

/**
 * Follows the policies that the settings name: that of the gateway, those of servers, configured or discovered, and the one that is
 * tried out.
 */
export const policyKeeping = (settings: Latest<Settings>, log: Log): PolicyKeeping => {
  const live = new Map<string, LivePolicy>();
  const changes = onDemand<PolicyChange>();
  const concerned = onDemand<Concerns>();
  let version = 0;
  let current = noPolicies;
  let sources = noSources;
  const over = ({ everywhere, placed }: Sources, server: string): readonly Placed[] =>
    placed.get(server) ?? everywhere;

  const follow = (opa: OpaSettings, who: string, { source, path }: PolicySettings, used: Set<string>) => {
    if (source === undefined) return undefined;
    const key = JSON.stringify([source, path, printOf(opa)]);
    used.add(key);
    const policy = kept(live, key, () => {
      const rules = () => settings.current.network;
      return new LivePolicy(fromPolicySource(source, path, { opa, rules, log }), {
        name: who,
        kind: source.kind,
        log,
        told: changes.tell,
        changed: () => {
          version++;
          current = { ...current, version };
          concerned.tell((server) => over(sources, server).some(({ source: asked }) => asked === key));
        },
      });
    });
    return { key, at: policy.at.bind(policy) };
  };

  const configure = ({ opa, servers }: Settings): void => {
    const used = new Set<string>();
    const before = sources;
    const next = opa === undefined ? noPolicies : arrange(opa, servers, used);
    if (opa === undefined) sources = noSources;
    const after = sources;
    for (const [key, policy] of live)
      if (!used.has(key)) {
        policy.close();
        live.delete(key);
      }
    current = { ...next, version: ++version };
    concerned.tell(
      (server) => before.lists !== after.lists || printOver(before, server) !== printOver(after, server),
    );
  };
  const printOver = (from: Sources, server: string): string =>
    over(from, server)
      .map(({ policy, tool, source }) => `${policy.name} ${tool ?? ''} ${source ?? ''}`)
      .join();

  const arrange = (opa: OpaSettings, servers: readonly ServerSettings[], used: Set<string>): Policies => {
    const main = opa.policy && follow(opa, 'gateway', opa.policy, used);
    const whole: Placed[] =
      main === undefined
        ? []
        : [{ policy: main.at(opa.policy?.path ?? '', 'gateway'), tool: undefined, source: main.key }];
    const shadow = opa.shadow && (follow(opa, 'shadow', opa.shadow, used) ?? main);
    const placed = new Map<string, readonly Placed[]>();
    for (const server of servers) {
      if (server.policies === undefined) continue;
      const own = server.policies.map((policy): Placed => {
        const source = policy.source === undefined ? main : follow(opa, server.name, policy, used);
        const path = policy.path ?? '';
        return {
          policy: source?.at(path, server.name) ?? missing(server.name),
          tool: policy.tool,
          source: source?.key,
        };
      });
      placed.set(server.name, [...whole, ...own]);
    }
    sources = { everywhere: whole, placed, lists: opa.lists };
    const answers = new Map<string, readonly Policy[]>();
    const everywhere = whole.map(({ policy }) => policy);
    return {
      over(server, tool) {
        const own = placed.get(server.name);
        // By its name: the catalogue may know it as it was a moment ago.
        if (own === undefined) return server.policies === undefined ? everywhere : [missing(server.name)];
        return kept(answers, `${server.name}\0${tool ?? ''}`, () =>
          own.filter((one) => one.tool === undefined || one.tool === tool).map(({ policy }) => policy),
        );
      },
      shadow: shadow?.at(opa.shadow?.path ?? '', 'shadow'),
      lists: opa.lists,
      version,
    };
  };

  const following: Subscription = drain(
    settings.changes$.pipe(distinctUntilChanged((a, b) => a.opa === b.opa && a.servers === b.servers)),
    configure,
  );

  return {
    policies: () => current,
    changes$: changes.values$,
    concerned$: concerned.values$,
    health: () => (live.size === 0 ? undefined : [...live.values()].map((policy) => policy.health)),
    answered: () => Promise.all([...live.values()].map(({ settled }) => settled)),
    close() {
      following.unsubscribe();
      for (const policy of live.values()) policy.close();
    },
  };
};

const missing = (server: string): Policy => ({
  name: server,
  isUsable: () => false,
  decide: () => faulty(server, 'It names a part of a policy of the gateway, and there is none'),
});

/** What else makes a policy another one: how it is evaluated. A secret prints as nothing, so its digest stands for it. */
const printOf = ({
  program,
  timeoutMs,
  cacheTtlMs,
  cacheMax,
  pollMs,
  token,
  maxSteps,
  maxMemoryBytes,
  consul,
}: OpaSettings) => [
  program,
  timeoutMs,
  cacheTtlMs,
  cacheMax,
  pollMs,
  token && createHash('sha256').update(token.reveal()).digest('hex'),
  maxSteps,
  maxMemoryBytes,
  consul,
];
