import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startWitness, type Witness, type Witnessed, type WitnessOptions } from './witness.js';

/** A gateway in front of a witness: as MCP server `back` (tool `back_echo`) and as REST service `rest` (tools `rest_*`). */
export interface Stage {
  readonly gateway: RunningGateway;
  readonly port: number;
  readonly witness: Witness;
  /**
   * Runs something hostile, then honest calls of both servers by the same gateway, and gives what the hostile part gave. Fails if
   * the witness saw any call but the honest ones: by the time these are answered, whatever came before them has been sent as well.
   */
  unseen<T>(hostile: () => Promise<T>): Promise<T>;
  /** Runs something and gives the calls that the witness saw of it. */
  seenOf(run: () => Promise<unknown>): Promise<readonly Witnessed[]>;
  close(): Promise<void>;
}

interface StageOptions extends WitnessOptions {
  readonly overrides?: Parameters<typeof startGateway>[1];
  /** What honest calls show to say who they are. */
  readonly credential?: () => Promise<Readonly<Record<string, string>>>;
  /** More servers, as YAML below `servers:`, made with the witness's URL. */
  readonly servers?: (url: string) => string;
  /** More settings, as YAML at the top level. */
  readonly top?: string;
}

const servers = (url: string): string => `
  back: { url: "${url}/mcp", health_check: { enabled: false } }
  rest:
    type: rest
    url: ${url}/api
    health_check: { enabled: false }
    tools:
      find: { method: GET, path: /find, annotations: { readOnlyHint: true } }
      item:
        method: GET
        path: /items/{id}/parts/{part}
        input_schema: { type: object, properties: { id: {}, part: {} }, required: [id, part] }
      regional:
        method: GET
        path: /regional
        headers: { region: X-Region, note: X-Note }
        input_schema:
          type: object
          properties: { region: { type: string, x-mcp-header: Region }, note: {} }
      twins:
        method: GET
        path: /twins/{a}{b}/x`;

let honest = 0;

/** Sets the stage; call `close` in `after`. */
export const setStage = async (options: StageOptions = {}): Promise<Stage> => {
  const witness = await startWitness(options);
  const yaml = servers(witness.url) + (options.servers?.(witness.url) ?? '') + `\n${options.top ?? ''}`;
  const gateway = await startGateway(yaml, options.overrides);
  const { port } = gateway;
  const seenOf = async (run: () => Promise<unknown>): Promise<readonly Witnessed[]> => {
    const before = witness.seen.length;
    await run();
    const mark = `honest${++honest}`;
    for (const tool of ['back_echo', 'rest_find']) {
      const headers = await options.credential?.();
      const call = modernRequest('tools/call', { name: tool, arguments: { mark } }, headers && { headers });
      const { error, result } = responseOf(await ask(port, call));
      assert.equal(error, undefined);
      assert.notEqual(result?.isError, true);
    }
    const since = witness.seen.slice(before);
    const hostile = since.filter(({ body, url }) => !(body + url).includes(mark));
    assert.equal(since.length - hostile.length, 2, 'the honest calls');
    return hostile;
  };
  return {
    gateway,
    port,
    witness,
    seenOf,
    async unseen(hostile) {
      let given: { readonly value: Awaited<ReturnType<typeof hostile>> } | undefined;
      const seen = await seenOf(async () => (given = { value: await hostile() }));
      assert.deepEqual(seen, [], 'the backend must see nothing of it');
      assert.ok(given);
      return given.value;
    },
    async close() {
      await gateway.close();
      await witness.close();
    },
  };
};
