import { dirname, join } from 'node:path';
import { apiKeysFile } from '../../support/apiKeysFile.js';
import { ask } from '../../support/ask.js';
import { inGroups } from '../../support/inGroups.js';
import { startBackendProcess, type BackendProcess } from '../../support/startBackendProcess.js';
import { adminKey, startConsole, type RunningConsole } from '../../support/startConsole.js';
import { startMcpBackend } from '../../support/startMcpBackend.js';
import { modernRequest } from '../../support/modern.js';
import { startService } from '../../backends/rest/startService.js';

/** People and programs with a key. */
type User = 'assistant' | 'anna' | 'ben';

/** A gateway as somebody runs it: servers that work, one that can be killed, and more tools than anybody can read. */
export interface World {
  readonly console: RunningConsole;
  /** The link that signs in. */
  readonly link: string;
  /** The two instances of the server `crm`. */
  readonly crm: readonly [BackendProcess, BackendProcess];
  /** Calls a tool as somebody. @returns the text of the answer */
  call(user: User, tool: string, args?: Readonly<Record<string, unknown>>): Promise<string>;
  /** The same, many times. */
  callOften(times: number, user: User, tool: string, args?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Ends the gateway alone. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** How many tools the server `catalogue` has. */
export const manyTools = 10_000;

/** Starts it. */
export const startWorld = async (): Promise<World> => {
  const keys = await apiKeysFile({ assistant: undefined, anna: undefined, ben: undefined });
  const mail = await startService((_request, response) =>
    response.setHeader('content-type', 'application/json').end('{"accepted":1,"id":"m-1"}'),
  );
  const many = await startMcpBackend({
    tools: Object.fromEntries(
      Array.from({ length: manyTools }, (_, at) => [`item_${at}`, (call) => call.reply({ content: [] })]),
    ),
  });
  const crm = [await startBackendProcess('modern'), await startBackendProcess('modern')] as const;
  const running = await startConsole(`
auth: { api_keys: { file: "${keys.path}" } }
servers:
  mail:
    type: rest
    url: "${mail.url}"
    tools:
      send_email:
        description: Send an e-mail to one or many
        method: POST
        path: /send
        input_schema:
          type: object
          required: [to, subject]
          properties:
            to: { type: array, minItems: 1, items: { type: string }, description: Who gets it }
            subject: { type: string, minLength: 3 }
            code: { type: string, pattern: '^(a+)+$' }
            priority: { enum: [low, normal, high], default: normal }
            sender: { type: object, properties: { name: { type: string } } }
            body: { oneOf: [{ type: string }, { type: object }] }
      delete_all: { description: Empty every mailbox, method: DELETE, path: /all }
  crm:
    urls: ["${crm[0].url}", "${crm[1].url}"]
    circuit_breaker: { failures: 2, cooldown: 1m }
    health_check: { interval: 2s, timeout: 1s, unhealthy_after: 1 }
  catalogue: { url: "${many.url}" }
policies:
  - tools: { denied: [mail_delete_all] }
audit: { file: "${join(dirname(keys.path), 'audit.ndjson')}", arguments: true }
redact: { rules: [{ name: contacts, detect: [email] }] }
`);
  const call: World['call'] = async (user, tool, args = {}) => {
    const request = modernRequest('tools/call', { name: tool, arguments: args }, { headers: keys.of(user) });
    return (await ask(running.port, request)).body;
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= running.close());
  return {
    console: running,
    link: `${running.adminUrl}/#key=${adminKey}`,
    crm,
    call,
    async callOften(times, user, tool, args) {
      await inGroups(Array.from({ length: times }), () => call(user, tool, args));
    },
    stop,
    async close() {
      await stop();
      await Promise.all([
        mail.close(),
        many.close(),
        ...crm.map((one) => one.signal('SIGKILL')),
        keys.remove(),
      ]);
    },
  };
};
