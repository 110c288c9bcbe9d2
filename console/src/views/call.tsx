import type { CallDetail } from '../api/contract.js';
import { useResource } from '../api/useResource.js';
import { isRecord } from '../forms/isRecord.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Badge } from '../parts/badge.js';
import { Caller } from '../parts/caller.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Json } from '../parts/json.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { View } from '../parts/view.js';
import { Waterfall } from '../parts/waterfall.js';

/** All that is known of one call: how it ended and why, where its time went, what it was called with. */
export const Call = ({ id }: { readonly id: string }) => {
  const asked = useResource<CallDetail>(`/calls/${encodeURIComponent(id)}`);
  const call = asked.data;
  return (
    <View
      title={call?.tool ?? call?.method ?? 'Call'}
      about={call === undefined ? undefined : `${format.time(call.time)} · ${call.method}`}
      up={{ href: href('calls'), name: 'Calls' }}
      actions={
        call?.tool === undefined ? undefined : (
          <>
            <a class="button" href={href('policies', questionOf(call))}>
              Explain
            </a>
            <a class="button" href={href(['tools', call.tool])}>
              The tool
            </a>
          </>
        )
      }
    >
      <Loaded of={asked}>{(data) => <Detail of={data} />}</Loaded>
    </View>
  );
};

/** What the form of the view Policies begins with. */
const questionOf = ({
  tool,
  user,
  client,
  tenant,
  roles,
  namespace,
}: CallDetail): Record<string, string | undefined> => ({
  tool,
  user,
  client,
  tenant,
  roles: roles?.join(' '),
  namespace,
});

const Detail = ({ of }: { readonly of: CallDetail }) => (
  <div class="columns">
    <Panel title="How it ended">
      <p class="verdict">
        <Badge word={of.outcome} /> after {format.ms(of.duration_ms)}
        {of.error === undefined ? null : <code class="code">{of.error}</code>}
      </p>
      {of.reason === undefined ? null : <p class="prose">{of.reason}</p>}
      <Decision of={of.decision} />
    </Panel>
    <Panel title="Who and what">
      <Facts
        of={{
          User: (
            <a href={href('calls', of.user === undefined ? { without: 'user' } : { user: of.user })}>
              <Caller user={of.user} />
            </a>
          ),
          Client: of.client,
          Tenant: of.tenant,
          Roles: of.roles?.join(', '),
          Server:
            of.server === undefined ? undefined : <a href={href(['servers', of.server])}>{of.server}</a>,
          Instance: of.instance === undefined ? undefined : <code>{of.instance}</code>,
          Address:
            of.address === undefined ? undefined : (
              <a href={href('calls', { address: of.address })}>{of.address}</a>
            ),
          Transport: [of.transport, of.revision].filter(Boolean).join(' · '),
          Namespace: of.namespace,
          Session:
            of.session === undefined ? undefined : (
              <a href={href('calls', { session: of.session })}>{of.session.slice(0, 12)}…</a>
            ),
          Size:
            of.bytes_in === undefined
              ? undefined
              : `${format.bytes(of.bytes_in)} in, ${format.bytes(of.bytes_out)} out`,
          Trace: of.trace_id === undefined ? undefined : <code>{of.trace_id}</code>,
        }}
      />
    </Panel>
    <Panel title="Where its time went" wide>
      <Waterfall of={of} />
    </Panel>
    <Panel title="Arguments" wide>
      {of.arguments === undefined ? (
        <Empty title="Not recorded">
          <code>audit.arguments: true</code> records them, redacted as the configuration says.
        </Empty>
      ) : (
        <Json of={of.arguments} label="Arguments, redacted" />
      )}
    </Panel>
  </div>
);

const Decision = ({ of }: { readonly of: unknown }) => {
  if (!isRecord(of)) return null;
  const { allow, policy, reason, obligations } = of;
  return (
    <Facts
      of={{
        Decision:
          typeof allow === 'boolean' ? (
            <Badge word={allow ? 'allowed' : 'denied'} tone={allow ? 'ok' : 'warn'} />
          ) : undefined,
        Policy: typeof policy === 'string' ? <code>{policy}</code> : undefined,
        Reason: typeof reason === 'string' ? reason : undefined,
        Obligations: obligations === undefined ? undefined : <code>{JSON.stringify(obligations)}</code>,
      }}
    />
  );
};
