import type { ToolDetail } from '../api/contract.js';
import { isAdmin } from '../api/isAdmin.js';
import { useResource } from '../api/useResource.js';
import { TryTool } from '../forms/tryTool.js';
import { href } from '../href.js';
import { Calls } from '../parts/calls.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Json } from '../parts/json.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { View } from '../parts/view.js';

/** One tool: what it is, who may call it, a form to try it, and its last calls. */
export const Tool = ({ name }: { readonly name: string }) => {
  const asked = useResource<ToolDetail>(`/tools/${encodeURIComponent(name)}`);
  const text = (key: string): string | undefined => {
    const value = asked.data?.definition[key];
    return typeof value === 'string' ? value : undefined;
  };
  return (
    <View
      title={name}
      about={text('title')}
      up={{ href: href('tools'), name: 'Tools' }}
      actions={
        <>
          <a class="button" href={href('calls', { tool: name, by: 'user' })}>
            Who calls it
          </a>
          <a class="button" href={href('policies', { tool: name })}>
            Explain
          </a>
        </>
      }
    >
      <Loaded of={asked}>
        {(tool) => (
          <div class="columns">
            <Panel title="What it does">
              {text('description') === undefined ? null : <p class="prose">{text('description')}</p>}
              <Facts
                of={{
                  Server: <a href={href(['servers', tool.server])}>{tool.server}</a>,
                  Tenants: listed(tool.who.tenants),
                  Clients: listed(tool.who.clients),
                  Scopes: listed(tool.who.scopes),
                  Policies: listed(tool.who.policies),
                  Notes: listed(tool.who.notes),
                }}
              />
              <details>
                <summary>Definition</summary>
                <Json of={tool.definition} label="Definition" />
              </details>
            </Panel>
            <Panel title="Try it">
              {isAdmin() ? (
                <TryTool key={name} of={tool} tried={asked.reload} />
              ) : (
                <Empty title="Only administrators may try tools" />
              )}
            </Panel>
            <Panel title="Last calls" flush wide>
              {tool.recent.length === 0 ? (
                <Empty title="Not called lately" />
              ) : (
                <Calls caption="Last calls" of={tool.recent} />
              )}
            </Panel>
          </div>
        )}
      </Loaded>
    </View>
  );
};

const listed = (names: readonly string[] | 'all'): string | undefined => {
  if (names === 'all') return 'all';
  return names.length === 0 ? undefined : names.join(', ');
};
