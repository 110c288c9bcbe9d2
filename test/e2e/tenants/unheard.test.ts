/** What is told to one tenant is not heard by the other, who listens as widely as it can. */
import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw, type RawConnection } from '../../support/openRaw.js';
import { requestBytes, type RequestParts } from '../../support/requestBytes.js';
import { openSession } from './speakers.js';
import { ownResource, startTenants, type Credential, type Isolation, type Tenants } from './startTenants.js';

for (const isolation of ['logical', 'namespace', 'dedicated'] satisfies Isolation[])
  describe(`two tenants, ${isolation} isolation: notifications`, function () {
    this.timeout(60_000);
    let tenants: Tenants;
    let port: number;
    const open: RawConnection[] = [];
    before(async () => {
      tenants = await startTenants(isolation);
      ({ port } = tenants.gateway);
    });
    after(async () => {
      for (const connection of open) connection.destroy();
      await tenants.close();
    });

    const start = async (request: RequestParts): Promise<RawConnection> => {
      const connection = await openRaw(port);
      open.push(connection);
      connection.write(requestBytes(port, request));
      await connection.seen('200 OK');
      return connection;
    };
    const inSession = (session: Credential, method: string, params: object) =>
      ask(port, { headers: session, body: { jsonrpc: '2.0', id: method, method, params } });
    /** Everything that a client of each era can listen to, the resource by name included. */
    const listenAs = async (credential: Credential) => {
      const session = await openSession(port, credential);
      const stream = await start({
        method: 'GET',
        headers: { ...session, accept: 'text/event-stream' },
      });
      await inSession(session, 'resources/subscribe', { uri: ownResource });
      await inSession(session, 'logging/setLevel', { level: 'debug' });
      const notifications = {
        toolsListChanged: true,
        promptsListChanged: true,
        resourcesListChanged: true,
        resourceSubscriptions: [ownResource],
      };
      const listening = await start(
        modernRequest('subscriptions/listen', { notifications }, { headers: { ...credential } }),
      );
      await listening.seen('notifications/subscriptions/acknowledged');
      return { session, stream, listening };
    };
    /** What a connection brings until some text has come. */
    const until = (connection: RawConnection, text: string) => connection.seen(text, 15_000);

    it('are heard by whose server it is, and by nobody else', async () => {
      const { ann, eve, prefix, evesPrefix } = tenants;
      const [anns, eves] = [await listenAs(ann), await listenAs(eve)];
      const trigger = async (session: Credential, name: string): Promise<void> => {
        const { body } = await inSession(session, 'tools/call', { name, arguments: {} });
        assert.ok(!body.includes('"error"'), body);
      };
      await trigger(anns.session, `${prefix}own_test_trigger_resource_update`);
      await trigger(anns.session, `${prefix}own_test_trigger_tool_change`);
      await trigger(anns.session, `${prefix}own_test_trigger_prompt_change`);
      // Of the server that they share too, where they do.
      const shared = isolation === 'dedicated' ? 'own' : 'common';
      await trigger(anns.session, `${prefix}${shared}_test_tool_with_logging`);
      for (const connection of [anns.stream, anns.listening]) {
        await until(connection, 'notifications/resources/updated');
        await until(connection, 'notifications/tools/list_changed');
        await until(connection, 'notifications/prompts/list_changed');
      }
      // Of her own server she hears all the same, after all of that: what she was to hear has come.
      const before = await Promise.all([eves.stream, eves.listening].map((each) => each.seen('200 OK')));
      await trigger(eves.session, `${evesPrefix}common_test_trigger_tool_change`);
      for (const [index, connection] of [eves.stream, eves.listening].entries()) {
        const heard = await until(connection, 'notifications/tools/list_changed');
        assert.ok(!(before[index] ?? '').includes('list_changed'), `before: ${before[index] ?? ''}`);
        for (const word of ['resources/updated', 'prompts/list_changed', 'notifications/message'])
          assert.ok(!heard.includes(word), heard);
      }
    });
  });
