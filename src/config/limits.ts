import { analyticsLimits } from './analyticsLimits.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const second = 1000;
const minute = 60 * second;

/**
 * The bounds the program keeps unless the configuration says otherwise, each with its reason.
 *
 * Milliseconds for what ends in `Ms`, bytes for what ends in `Bytes`, counts otherwise. The first part are defaults of settings,
 * the second can not be set.
 */
export const limits = {
  // Because a tool call carries arguments and now and then a picture; what is larger belongs behind a resource link.
  maxBodyBytes: 4 * MiB,
  // Because JSON.parse, ajv and our own walks recurse: 64 levels are more than any sane document and far from the stack's end.
  maxDepth: 64,
  // Because a task is meant to outlive the patience of a client, and an hour is more than most jobs behind an API take.
  taskTtlMs: 60 * minute,
  // Because a kept task costs its result, and a client that never fetches it must not fill the memory.
  maxTasks: 10_000,
  // Because each runs a call of its own at a backend, with nobody waiting who could give up.
  maxRunningTasks: 1000,
  // Because asking is cheap here, and a person waits for the end.
  taskPollMs: second,
  // Because each entry of a batch (2025-03-26) is a call of its own, and one body must not become a flood.
  maxBatch: 50,
  // Because proxies commonly cut a silent connection after 30 to 60 s.
  heartbeatMs: 15 * second,
  // Because a client that has not read a byte for this long is gone, and it holds a backend's stream meanwhile.
  slowClientTimeoutMs: 30 * second,
  // Because a half-sent request holds a socket and a buffer.
  requestTimeoutMs: 30 * second,
  // Because a working day is a sign-in, and a desk that was left is not.
  adminSessionTtlMs: 12 * 60 * minute,
  adminSessionIdleMs: 60 * minute,
  // Because what one wonders about has just happened, and a record takes about 2 KiB.
  recentCalls: 5000,
  // Because file descriptors run out: two a call, and common limits are 20,000 and more.
  maxConnections: 10_000,
  // Because a host that does not accept a connection in this time is down or drowning, and another may answer meanwhile.
  connectMs: 5 * second,
  // Because clients commonly give a request 60 s: ours must end first, with a clear error.
  callTimeoutMs: 30 * second,
  // Because clients give connect and list together 30 s, and one hung server must not eat it.
  listTimeoutMs: 3 * second,
  // Because a call kept alive by progress has to end some time.
  maxCallMs: 10 * minute,
  // Because Kubernetes kills 30 s after SIGTERM, and load balancers need part of it.
  drainTimeoutMs: 10 * second,
  // Because clients differ in whether they follow cursors, and 250 tools fit any of them.
  pageSize: 250,
  // Because a client that left without DELETE must not hold memory for a day.
  sessionTtlMs: 30 * minute,
  // Because there may be a person behind an answer, and a call waits for it meanwhile.
  stateTtlMs: 5 * minute,
  // Because a session costs about a kilobyte, and opening them is free for the client.
  maxSessions: 10_000,

  // Because a client that comes back after a lost connection wants all it missed, and 1,000 events are minutes of progress.
  maxKeptEvents: 1000,
  // Because one session must not fill the memory with what its client may never fetch.
  maxKeptBytes: 4 * MiB,
  // Because an agent serves 200 connections to an address by default, and other programs here may use some.
  consulWatches: 100,
  // Because a frozen agent is noticed when this is over, and each end of it is a question more.
  consulWaitMs: minute,
  // Because 10,000 sessions at 4 MiB would be 40 GiB.
  maxKeptTotalBytes: 128 * MiB,
  // Because a call whose client is away must not push its own beginning out: beyond half the room its backend is paused.
  awayEvents: 500,
  awayBytes: 2 * MiB,
  // Because clients that come back do so within seconds, and laptops that slept do not need the old answers.
  keptAfterEndMs: 5 * minute,
  // Because a standalone stream has no end of its own to wait for.
  awayStreamMs: 5 * minute,
  // Because a call this long is worth coming back for, and a client can do so only once it has an event's id.
  streamAfterMs: second,
  // Because a client told to come back should find the gateway ready again, and not wait for its own long back-off.
  reconnectMs: second,

  // Because 10,000 slow senders at 4 MiB would hold 40 GiB; 64 of the largest at once are more than a gateway is sent.
  bodiesInFlightBytes: 256 * MiB,

  // Because the results of 10,000 tasks can be 16 MiB each.
  maxTaskBytes: 256 * MiB,

  // Because each takes some 300 bytes, and who makes up names for himself must not fill the memory with them.
  maxCounters: 100_000,
  // Because clocks of servers that care for their time differ by less.
  clockSkewMs: 30 * second,
  // Because a revoked token should not be good for much longer, and an issuer not be asked for every call.
  introspectionCacheMs: 30 * second,
  // Because each costs about two kilobytes, and a busy gateway has some thousand callers.
  verifiedTokens: 10_000,
  // Because beyond this keys belong into a token service, and the file is read whole.
  maxApiKeys: 10_000,
  // Because who does not know a token's key may be lying: an issuer is not asked for its keys more often than this.
  keysAgainMs: 2 * second,
  // Because keys that were withdrawn should be forgotten although nobody asks for others.
  keysMaxAgeMs: 10 * minute,
  // Because each waits for an answer of the issuer's, and strangers can make them.
  pendingVerifications: 1000,
  // Because a key that was revoked should not keep a stream open for long.
  identityAgainMs: 5 * second,
  // Because who types wrongly does so a few times, and who guesses, thousands of times.
  authFailures: 100,
  // Because each takes some 100 bytes, and who has many addresses must not fill the memory with them.
  maxFailingAddresses: 10_000,
  // Because a proof of possession holds for a minute or two, and each is remembered for so long.
  proofWindowMs: minute,
  maxProofs: 100_000,

  // Because one connection that carries many calls (WebSocket, HTTP+SSE, stdio) must not hold all there is to hold.
  maxCallsPerConnection: 256,

  // Because without authentication all clients behind one address are one, and a thousand listen streams are no attack.
  streamsPerClient: 10_000,
  // Because a client that has a thousand requests open in one session has lost count.
  streamsPerSession: 1000,
  // Because one server that hangs must not take all that the gateway can hold.
  streamsPerServer: 5000,
  // Because a burst should pass, and a queue longer than what is worked off within the wait refuses late what it could refuse at once.
  queuedCalls: 100,
  // Because who waits longer than a second for a turn had better hear that there is none.
  queueWaitMs: second,
  listenStreams: 1024,
  watchedResources: 1000,
  // Because one client must not use up what a server watches for all: half of it is more than any sane client wants.
  watchedPerClient: 5000,
  // Because each is asked of the server anew whenever the way to it was interrupted, and costs some ten kilobytes.
  watchedPerServer: 10_000,
  // Because each waits for a person or a model: more than these are a runaway server.
  asksPerSession: 64,
  // Because a person visits the page behind a URL: half an hour is long for that, and forgetting costs a hint, no more.
  elicitationTtlMs: 30 * minute,
  // Because one session must not push the others' out, and nobody has as many pages open.
  elicitationsPerSession: 64,
  maxElicitations: 10_000,
  // Because one failure may be the call's own fault, and five in a row are not.
  breakerFailures: 5,
  // Because a service that is restarted misses one or two.
  lostAfterCalls: 3,
  breakerFailureRate: 0.5,
  // Because half of four calls says nothing.
  breakerMinCalls: 20,
  breakerWindowMs: 10 * second,
  // Because a process that was restarted is back within seconds.
  breakerCooldownMs: 5 * second,
  breakerMaxCooldownMs: minute,
  // Because instances of one service differ by their neighbours' load, but not fivefold.
  slowFactor: 5,
  // Because a frozen instance must be found before the calls that wait for it run out of time.
  pingIntervalMs: 5 * second,
  pingTimeoutMs: 2 * second,
  // Because one lost packet is no outage.
  unhealthyAfter: 2,
  healthyAfter: 2,
  // Because a name with a TTL of 0 would be asked for all the time.
  dnsMinTtlMs: 5 * second,
  // Because an address that has moved should not be missed for a day, whatever its record says.
  dnsMaxTtlMs: 5 * minute,
  // Because a zone that is written anew, or a service whose pods restart, is without addresses for a moment, seldom for this long.
  dnsEmptyAfterMs: 30 * second,
  // Because a server that fails must not get double the load for it.
  retryShare: 0.2,
  // Because a fifth of three calls is none.
  retriesPerSecond: 10,
  // Because of a hundred calls five are worth a second attempt: that is within the budget for repetitions.
  hedgePercentile: 0.95,
  // Because a percentile of fewer is one call's accident.
  hedgeMinCalls: 50,
  // Because the parts of a stream follow each other within this time, and who waits for progress does not notice it.
  redactHoldMs: 250,
  // Because each parked call holds a server's call, up to the time its client has for an answer.
  parkedCalls: 10_000,
  // Because what is larger than this leaves in one write, whose progress can't be seen.
  webSocketBytes: 64 * KiB,
  // Because a tool may answer with a picture or a long document, but not with an archive.
  backendMessageBytes: 16 * MiB,

  // Because what forwards connections forgets silent ones after a minute or so, and only a backend can say something on its stream.
  tcpKeepAliveMs: 15 * second,

  // Because a DNS server that knows the answer gives it within milliseconds, and the next one should be asked soon.
  dnsTimeoutMs: second,
  dnsTries: 2,
  // Because a resolver that restarts is back soon, and many gateways ask it.
  dnsRetryMs: second,
  dnsMaxRetryMs: 30 * second,
  // Because each address is an instance with connections and pings of its own.
  dnsAddresses: 256,

  // Because some 200,000 records fit into a file that is still opened with ease, and ten of them into a gigabyte.
  auditFileBytes: 100 * MiB,
  auditFilesKept: 10,
  // Because a disk that stalls for seconds must not cost records: 8 MiB are some 15,000 of them.
  auditPendingBytes: 8 * MiB,
  // Because a receiver may be away for a night: some 400,000 records, on disk.
  auditSpoolBytes: 256 * MiB,
  // Because a receiver may have to write a batch of half a MiB to its own disk first.
  auditTimeoutMs: 10 * second,
  // Because a call whose record can't be kept waits for room as people wait for an answer, not for ever.
  auditWaitMs: 10 * second,
  // Because arguments may be whole files; beyond this a record says how large they were.
  auditArgumentsBytes: 16 * KiB,
  ...analyticsLimits,

  // Because a recording of that size is some millions of calls, and ten of them fit onto any disk.
  recordingFileBytes: 256 * MiB,
  recordingFilesKept: 10,
  // Because a burst should be recorded whole, and what waits are calls that were in memory a moment ago.
  recordingWaiting: 20_000,
  // Because a disk that stalls for seconds must not cost the memory of the gateway.
  recordingPendingBytes: 16 * MiB,
  // Because answers are some kilobytes: ten thousand of them.
  cacheBytes: 64 * MiB,
  // Because what is larger pushes hundreds of others out.
  cachedAnswerBytes: MiB,
  // Because servers name what changes, and who makes up names must not fill the memory with them.
  changedResources: 10_000,
  // Because each is a word about an answer that is not remembered, and being wrong costs a wait.
  unkeptAnswers: 10_000,
  // Because what could not be remembered a moment ago can't be now.
  unkeptMs: 10 * second,
  // Because a call waits for the answer of the cache first.
  cacheWaitMs: 250,
  // Because the cluster may be away while servers say that something has changed.
  untoldChanges: 1000,
  // Because a decision is in front of every call: an OPA server next door takes some milliseconds.
  opaTimeoutMs: second,
  // Because a role that was taken away should not work for long.
  opaCacheMs: 5 * second,
  opaCached: 10_000,
  opaPollMs: 30 * second,
  // Because that takes about a tenth of a second, in which nothing else happens; usual policies need some thousands.
  opaSteps: 2_000_000,
  opaMemoryBytes: 64 * MiB,
  // Because a bundle is a policy and what it looks up, not a database.
  opaBundleBytes: 16 * MiB,
  opaUnpackedBytes: 64 * MiB,
  opaBundleFiles: 1000,

  // Because a collector next door takes milliseconds, and one that is away is asked again.
  otlpTimeoutMs: 10 * second,
  // Because a collector that is restarted is back within a minute; what is older than that is dropped, counted.
  otlpRetryMs: minute,
  otlpMetricsMs: minute,
  // Because who stops a gateway waits for it.
  otlpCloseMs: 3 * second,
  // Because a span is about a kilobyte, and these last for a collector's restart at some hundred calls a second.
  otlpQueued: 16_384,
  // Because writing so many takes some milliseconds, in which nothing else happens.
  otlpBatch: 256,
  // Because who looks at traces looks at what happened just now.
  otlpEveryMs: second,
  // Because each tool is 20 time series.
  measuredTools: 200,

  // Because each holds connections of its own, and a caller that gives way to another is only connected anew.
  callersPerServer: 1000,
  callerIdleMs: 10 * minute,
  // Because a token is a kilobyte or two, and one that gives way is only fetched anew.
  maxGrants: 10_000,
  // Because each is looked for once a second; who is not told calls again.
  waitingPages: 1000,
  // Because one who calls again and again must not take the places of all.
  waitingPagesPerGrant: 16,

  // Because Node's timers hold 31 bits of milliseconds, 24.8 days; a longer one would fire at once.
  maxDurationMs: 24 * 24 * 60 * minute,
  // Because a size beyond this can only be a slip: nothing of ours should buffer more.
  maxSizeBytes: 1024 * MiB,
  // Because a configuration is written by people; parsing a megabyte takes a quarter of a second.
  maxConfigBytes: MiB,
  // Because aliases multiply: eight lines of YAML can mean a billion values.
  maxConfigValues: 100_000,
  // Because an alias that holds itself never ends.
  maxConfigDepth: 100,
} as const;
