import type { OAuthSettings } from '../config/oauthSettings.js';
import type { McpServerSettings, RestServerSettings, ServerSettings } from '../config/settings.js';
import type { Way } from '../sources/backends/connectTo.js';
import { concealing } from '../sources/backends/concealing.js';
import { givenSecrets } from '../sources/backends/givenSecrets.js';
import { longestConnectMs } from '../sources/backends/longestConnectMs.js';
import { askingToConnect } from '../sources/backends/askingToConnect.js';
import { mcpBackend } from '../sources/backends/mcp/mcpBackend.js';
import { ownSecrets } from '../sources/backends/ownSecrets.js';
import { perCaller } from '../sources/backends/perCaller.js';
import { restBackend } from '../sources/backends/rest/restBackend.js';
import { stdioBackend } from '../sources/backends/stdio/stdioBackend.js';
import { callCredentials } from '../sources/oauth/callCredentials.js';
import type { Credentials } from '../sources/oauth/credentials.js';
import { personalCredentials } from '../sources/oauth/personalCredentials.js';
import { oauthCredentials } from '../sources/oauth/oauthCredentials.js';
import type { Backend } from '../streams/backend.js';
import type { Place } from '../streams/balancing/places.js';
import { credentialsOf } from './credentialsOf.js';
import type { Connecting } from './connecting.js';

/** Connects one instance of a server, with the credentials it wants. */
export const backendAt = (place: Place & Way, settings: ServerSettings, connecting: Connecting): Backend => {
  const { clientInfo, log, maxMessageBytes } = connecting;
  switch (settings.type) {
    case 'rest':
      return restAt(place, settings, connecting);
    case 'mcp':
      return mcpAt(place, settings, connecting);
    case 'stdio': {
      const { name, command, args, env, cwd, protocol } = settings;
      const child = { name, command, args, env, cwd, protocol, log, clientInfo, maxMessageBytes };
      return concealed(stdioBackend(child), ownSecrets({ named: env, args }));
    }
  }
};

/** Most servers have nothing to be concealed, and pay nothing for it. */
const concealed = (backend: Backend, secrets: readonly string[]): Backend =>
  secrets.length === 0 ? backend : concealing(backend, () => secrets);

const wayOf = ({ at, guard, tls }: Way): Way => ({ guard, tls, ...(at !== undefined && { at }) });

const restAt = (place: Place & Way, settings: RestServerSettings, connecting: Connecting): Backend => {
  const { log, maxMessageBytes } = connecting;
  const source = settings.oauth && sourceOf(settings.name, undefined, settings.oauth, connecting);
  const backend = restBackend({
    settings,
    url: place.url,
    ...wayOf(place),
    credentials: source && callCredentials(source),
    log,
    maxResponseBytes: maxMessageBytes,
  });
  return asking(backend, settings.oauth, connecting);
};

const mcpAt = (place: Place & Way, settings: McpServerSettings, connecting: Connecting): Backend => {
  const { clientInfo, log, authorizing, network: rules, maxMessageBytes } = connecting;
  const { name, headers, protocol, oauth } = settings;
  const { url } = place;
  const configured = ownSecrets({ named: headers, addresses: [url] });
  const open = (credentials: Credentials | undefined): Backend =>
    mcpBackend({
      name,
      url,
      ...wayOf(place),
      headers,
      credentials,
      protocol,
      log,
      clientInfo,
      connectMs: longestConnectMs(settings),
      maxMessageBytes,
    });
  const connect = (given: Credentials | undefined): Backend => {
    if (given === undefined) return concealed(open(undefined), configured);
    const { credentials, secrets } = givenSecrets(given, configured);
    return concealing(open(credentials), secrets);
  };
  if (oauth === undefined) return connect(undefined);
  if (!isByToken(oauth)) {
    const { grants: store, consent } = authorizing;
    return connect(oauthCredentials({ server: name, url, settings: oauth, rules, store, consent, log }));
  }
  const { own, ofCaller, close } = sourceOf(name, url, oauth, connecting);
  const gateways = connect(own);
  const backend =
    ofCaller === undefined
      ? gateways
      : perCaller({ own: gateways, connect: (key, caller, id) => connect(ofCaller(key, caller, id)) });
  const closing: Backend = {
    ...backend,
    async close(graceMs) {
      await backend.close(graceMs);
      close();
    },
  };
  return asking(closing, oauth, connecting);
};

/** Callers of a server that each person lets the gateway use are asked to. */
const asking = (backend: Backend, oauth: OAuthSettings | undefined, { authorizing }: Connecting): Backend =>
  oauth?.grant === 'per_user' ? askingToConnect(backend, authorizing.connecting.desk) : backend;

/** Whether its tokens are asked for by what the configuration says, and not by what the server's metadata and challenges say. */
const isByToken = ({ grant, issuer, audience, resource }: OAuthSettings): boolean =>
  grant !== 'authorization_code' &&
  (grant !== 'client_credentials' || (issuer !== undefined && (audience ?? resource) !== undefined));

const sourceOf = (
  server: string,
  url: string | undefined,
  settings: OAuthSettings,
  { authorizing: { tokens, grants, people, consent, connecting }, network: rules, log }: Connecting,
) => {
  const { lease } = connecting;
  return settings.grant === 'per_user'
    ? personalCredentials({ server, url, settings, rules, grants, consent, people, lease, log })
    : credentialsOf({ server, url, settings, rules, tokens, log });
};
