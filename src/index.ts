/** Sluice as a library: the gateway, and what a chain of operators of one's own is made with. */

// The gateway
export { createGateway } from './gateway.js';
export type { Configuration } from './gateway/configuredBy.js';
export type { Gateway } from './gateway/gateway.js';
export type { GatewayOptions } from './gateway/gatewayOptions.js';
export { PipelineError } from './sources/pipeline/pipelineError.js';
export type {
  AssembleAround,
  AssembleCalls,
  Checked,
  Entered,
  OwnPipeline,
  PipelineContext,
  StockOperators,
} from './streams/ownPipeline.js';
export type { Pipes } from './gateway/pipes.js';
export type { Authorizing } from './gateway/connecting.js';
export type { Consent, Waiting } from './sources/oauth/consent.js';
export type { Grant, GrantRecord, GrantStore, KnownClient } from './streams/grants.js';
export { memoryGrants } from './stores/memoryGrants.js';
export { ListenError } from './gateway/listenError.js';
export type { Health, InstanceHealth, ServerHealth } from './gateway/health.js';
export type { InstanceState } from './gateway/instanceStates.js';

// Configuration
export { loadSettings } from './config/load.js';
export { ConfigError } from './config/configError.js';
export { fromConfigFile } from './sources/fromConfigFile.js';
export type { Settings, ServerSettings } from './config/settings.js';

// What flows
export { stage, type Stage, type Step } from './streams/stage.js';
export { chain, chain as pipe } from './streams/chain.js';
export { answerOf, service, type Service } from './streams/service.js';
export { named } from './streams/named.js';
export { undecided, type Decision } from './streams/decision.js';
export { stagesOf } from './streams/stagesOf.js';
export type {
  Attempt,
  Authenticated,
  Authorized,
  Exchange,
  InSession,
  Origin,
  Outlet,
  Pipeline,
  Placed,
  Principal,
  Reach,
  Redacting,
  Resolved,
  Resuming,
  Target,
} from './streams/exchange.js';
export { knownPrincipal } from './streams/knownPrincipal.js';
export type { Reply } from './streams/reply.js';
export { Bulkheads } from './streams/bulkheads.js';
export { valve, type Pausable, type Valve } from './streams/valve.js';
export { constant, latest, select, type Latest, type LiveLatest } from './streams/latest.js';
export type { Backend, BackendCall, Offer } from './streams/backend.js';
export type { Prompt } from './streams/sessions.js';
export type { Counters, Limit, Taken } from './streams/counters.js';
export type { Log } from './streams/log.js';

// What operators beyond the default chain are given
export { CanaryGuard, type CanaryGuardOptions, type CanaryHealth } from './streams/canaryGuard.js';
export { seededRandom } from './protocol/seededRandom.js';
export { memoryIdempotency, type MemoryIdempotencyOptions } from './stores/memoryIdempotency.js';
export type { BegunCall, IdempotencyStore, KnownCall } from './streams/idempotencyStore.js';

// How calls are spread over the instances of a server
export type { StrategyOf } from './gateway/orderOf.js';
export type { Strategy } from './streams/balancing/strategy.js';
export type { Instance } from './streams/serverState.js';

// Errors
export {
  errorTable,
  fromUnknown,
  GatewayError,
  refusal,
  type GatewayErrorCode,
  type Outcome,
} from './protocol/errors.js';
