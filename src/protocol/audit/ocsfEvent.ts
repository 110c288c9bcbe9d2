import type {
  AuditRecord,
  ConsoleRecord,
  GatewayRecord,
  PolicyRecord,
  SessionRecord,
} from './auditRecord.js';
import type { CallRecord, RecordedCaller } from './callRecord.js';

/** The version of the schema that events are written for: https://schema.ocsf.io/1.4.0 */
const schemaVersion = '1.4.0';

const classes = {
  /** API Activity. */
  call: {
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
  },
  /** Application Lifecycle. */
  life: {
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6002,
    class_name: 'Application Lifecycle',
  },
  /** Authentication: logon and logoff. */
  session: {
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid: 3002,
    class_name: 'Authentication',
  },
  /** Entity Management. */
  change: {
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid: 3004,
    class_name: 'Entity Management',
  },
  /** Base Event: what the schema has no class for. */
  other: { category_uid: 0, category_name: 'Uncategorized', class_uid: 0, class_name: 'Base Event' },
} as const;

/**
 * A record as an event of the Open Cybersecurity Schema Framework: calls are API Activity (6003), sessions Authentication (3002), start and
 * stop Application Lifecycle (6002), changes of policies and configuration Entity Management (3004). What the schema has no
 * attribute for is under `unmapped`. The table is in docs/audit.md.
 *
 * @param release the version of this program
 */
export const ocsfEvent = (record: AuditRecord, release: string): object => {
  const common = {
    time: Date.parse(record.time),
    metadata: {
      version: schemaVersion,
      product: { name: 'Sluice', vendor_name: 'Sluice', version: release },
      log_name: 'audit',
      ...(record.gateway !== undefined && { logger: [{ name: record.gateway }] }),
    },
  };
  switch (record.kind) {
    case 'call':
      return called(record, common);
    case 'session_opened':
    case 'session_closed':
      return { ...common, ...session(record) };
    case 'policy_changed':
    case 'policy_rejected':
      return { ...common, ...policy(record) };
    case 'console_signed_in':
    case 'console_sign_in_refused':
    case 'console_signed_out':
    case 'console_session_ended':
      return { ...common, ...looksAfter(record) };
    default:
      return { ...common, ...own(record, release) };
  }
};

const classified = (
  kind: keyof typeof classes,
  activity: readonly [id: number, name: string],
  severity: 'Informational' | 'Low' | 'Medium' = 'Informational',
) => ({
  ...classes[kind],
  activity_id: activity[0],
  activity_name: activity[1],
  type_uid: classes[kind].class_uid * 100 + activity[0],
  type_name: `${classes[kind].class_name}: ${activity[1]}`,
  severity_id: severity === 'Informational' ? 1 : severity === 'Low' ? 2 : 3,
  severity,
});

/** What a call does to a server only its tool knows; the methods of MCP besides read. */
const reads = /^(?:.*\/(?:list|read|get)|ping|initialize|server\/discover|completion\/complete)$/;

const refusals: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'policy_failed']);

const called = (
  record: CallRecord,
  common: { readonly time: number; readonly metadata: Readonly<Record<string, unknown>> },
): object => {
  const { who, method, target, server, outcome, error, reason, decision } = record;
  const isGood = outcome === 'success';
  return {
    ...classified(
      'call',
      reads.test(method) ? [2, 'Read'] : [99, 'Call'],
      refusals.has(outcome) ? 'Medium' : isGood ? 'Informational' : 'Low',
    ),
    ...common,
    metadata: { ...common.metadata, uid: record.id, correlation_uid: record.trace_id },
    start_time: Math.round(common.time - record.duration_ms),
    end_time: common.time,
    duration: Math.round(record.duration_ms),
    message: [method, target, outcome].filter((word) => word !== undefined).join(' '),
    ...(isGood ? { status_id: 1, status: 'Success' } : { status_id: 2, status: 'Failure' }),
    status_code: error ?? outcome,
    status_detail: reason,
    actor: {
      user: user(who),
      ...(who?.client !== undefined && { app_uid: who.client }),
      ...(record.session !== undefined && { session: { uid: record.session } }),
      ...(decision !== undefined && {
        authorizations: [
          {
            decision: decision.allow ? 'Allowed' : 'Denied',
            policy: { name: decision.policy, desc: decision.reason },
          },
        ],
      }),
    },
    api: {
      operation: method,
      version: record.revision,
      service: { name: server ?? 'sluice' },
      request: { uid: record.id },
      ...(!isGood && { response: { error, error_message: reason } }),
    },
    src_endpoint: endpoint(record),
    ...(record.instance !== undefined && { dst_endpoint: { name: record.instance } }),
    ...(target !== undefined && { resources: [{ name: target, type: method.split('/')[0] }] }),
    unmapped: {
      outcome,
      namespace: record.namespace,
      attempts: record.attempts,
      tried: record.tried,
      obligations: decision?.obligations,
      approval: record.approval,
      arguments: record.arguments,
      bytes_in: record.bytes_in,
      bytes_out: record.bytes_out,
      stages: record.stages,
    },
  };
};

const session = (record: SessionRecord): object => ({
  ...classified('session', record.kind === 'session_opened' ? [1, 'Logon'] : [2, 'Logoff']),
  status_id: 1,
  status: 'Success',
  user: user(record.who),
  service: { name: 'sluice' },
  session: { uid: record.session },
  src_endpoint: endpoint(record),
  unmapped: {
    client_info: record.client_info,
    revision: record.revision,
    namespace: record.namespace,
    lived_ms: record.lived_ms,
  },
});

const policy = ({ kind, policy: name, source, revision, reason }: PolicyRecord): object => ({
  ...classified('change', [3, 'Update'], kind === 'policy_changed' ? 'Informational' : 'Medium'),
  ...(kind === 'policy_changed' ? { status_id: 1, status: 'Success' } : { status_id: 2, status: 'Failure' }),
  status_detail: reason,
  entity: { name, type: 'Policy', version: revision },
  unmapped: { source },
});

const looksAfter = ({ kind, person, method, address, session: uid }: ConsoleRecord): object => {
  const isRefused = kind === 'console_sign_in_refused';
  return {
    ...classified(
      'session',
      kind === 'console_signed_in' || isRefused
        ? [1, 'Logon']
        : kind === 'console_signed_out'
          ? [2, 'Logoff']
          : [99, 'Other'],
      isRefused ? 'Medium' : 'Informational',
    ),
    ...(isRefused ? { status_id: 2, status: 'Failure' } : { status_id: 1, status: 'Success' }),
    user:
      person === undefined
        ? { name: 'unknown', type_id: 0 }
        : { name: person.user, type_id: 2, type: 'Admin', groups: [{ name: person.role }] },
    service: { name: 'sluice console' },
    ...(uid !== undefined && { session: { uid } }),
    ...(address !== undefined && { src_endpoint: { ip: address } }),
    unmapped: { method, tenant: person?.tenant },
  };
};

const own = (record: GatewayRecord, version: string): object => {
  const app = { name: 'Sluice', vendor_name: 'Sluice', version };
  switch (record.kind) {
    case 'started':
      return { ...classified('life', [3, 'Start']), app };
    case 'stopped':
      return { ...classified('life', [4, 'Stop']), app };
    case 'configuration_changed':
      return {
        ...classified('change', [3, 'Update']),
        entity: { name: 'configuration', type: 'Configuration' },
        unmapped: { keys: record.keys },
      };
    case 'dropped':
      return {
        ...classified('other', [99, 'Other'], 'Medium'),
        message: `${record.count} records of the audit trail were dropped`,
        unmapped: { count: record.count },
      };
    case 'file_lost':
      return {
        ...classified('other', [99, 'Other'], 'Medium'),
        message: `The file of the audit trail was ${record.reason} by somebody else`,
        unmapped: { reason: record.reason },
      };
  }
};

/** An event has somebody who acts, be it nobody known (`type_id` 0). */
const user = (who: RecordedCaller | undefined): object =>
  who === undefined
    ? { name: 'unknown', type_id: 0 }
    : {
        uid: who.id,
        name: who.user ?? who.client ?? who.id,
        type_id: who.method === 'none' ? 0 : 1,
        ...(who.tenant !== undefined && { org: { name: who.tenant } }),
        ...(who.roles !== undefined && { groups: who.roles.map((name) => ({ name })) }),
      };

const endpoint = ({ address, transport }: Pick<CallRecord, 'address' | 'transport'>): object => ({
  ...(address !== undefined && { ip: address }),
  name: transport,
});
