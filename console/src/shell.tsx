import { useEffect, useRef, useState } from 'preact/hooks';
import type { Me } from './api/contract.js';
import { live } from './api/live.js';
import { Brand } from './parts/brand.js';
import { Connection } from './parts/connection.js';
import { Empty } from './parts/empty.js';
import { Icon } from './parts/icon.js';
import { Shortcuts } from './parts/shortcuts.js';
import { View } from './parts/view.js';
import { Account } from './parts/account.js';
import { route } from './route.js';
import { views } from './views.js';
import { Call } from './views/call.js';
import { Calls } from './views/calls.js';
import { Configuration } from './views/configuration.js';
import { Overview } from './views/overview.js';
import { Pipeline } from './views/pipeline.js';
import { Policies } from './views/policies.js';
import { Servers } from './views/servers.js';
import { Sessions } from './views/sessions.js';
import { Tenants } from './views/tenants.js';
import { Tool } from './views/tool.js';
import { Tools } from './views/tools.js';

/** What stands around every view: the navigation, the state of the connection, and who is signed in. */
export const Shell = ({ me }: { readonly me: Me }) => {
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  useEffect(live.open, []);
  const { path } = route.value;
  useEffect(() => setOpen(false), [path.join('/')]);
  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The fragment is the route.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <button
          type="button"
          class="menu"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <Icon name="menu" />
          <span class="visually-hidden">Menu</span>
        </button>
        <Brand />
        {me.gateway === undefined ? null : <span class="quiet wide-only">{me.gateway}</span>}
        <Connection />
      </header>
      <nav id="navigation" class={open ? 'side open' : 'side'} aria-label="Views">
        <ul>
          {views.map((view) => (
            <li key={view.path}>
              <a href={`#/${view.path}`} aria-current={path[0] === view.path ? 'page' : undefined}>
                {view.name}
              </a>
            </li>
          ))}
        </ul>
        <Account me={me} />
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        <Current />
      </main>
      <Shortcuts />
    </div>
  );
};

const Current = () => {
  const [view, name] = route.value.path;
  switch (view) {
    case 'overview':
      return <Overview />;
    case 'servers':
      return <Servers />;
    case 'pipeline':
      return <Pipeline />;
    case 'tools':
      return name === undefined ? <Tools /> : <Tool key={name} name={name} />;
    case 'calls':
      return name === undefined ? <Calls /> : <Call key={name} id={name} />;
    case 'sessions':
      return <Sessions />;
    case 'tenants':
      return <Tenants />;
    case 'policies':
      return <Policies />;
    case 'configuration':
      return <Configuration />;
    default:
      return (
        <View title="Nothing here">
          <Empty title="There is no such view">
            <a href="#/overview">Go to the overview</a>
          </Empty>
        </View>
      );
  }
};
