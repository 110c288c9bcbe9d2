import { refusal } from '../../../protocol/errors.js';
import { relayable } from '../../../protocol/input.js';
import { isObject, type Result } from '../../../protocol/jsonrpc.js';
import { metaKeys, metaOf, type Capabilities, type Implementation } from '../../../protocol/mcp.js';
import { result as resultReply } from '../../../streams/reply.js';
import { isTaskCreated, tasksExtension } from '../../../protocol/tasks.js';
import type { EraCodec } from './eraCodec.js';
import { withRemaining } from '../withRemaining.js';
import { HopRefused } from './hopRefused.js';

/** Revisions of the modern era that the gateway speaks, the preferred one first. */
export const modernRevisions: readonly string[] = ['2026-07-28'];

/**
 * The messages of revision 2026-07-28: every request describes itself in `params._meta` (3.2).
 *
 * @param clientInfo who the gateway says it is
 * @param revision the revision to claim
 */
export const modernCodec = (clientInfo: Implementation, revision: string): EraCodec => {
  const claim = {
    [metaKeys.protocolVersion]: revision,
    [metaKeys.clientCapabilities]: {},
    [metaKeys.clientInfo]: clientInfo,
  };
  return {
    asksByRequest: false,
    opening: { method: 'server/discover', params: {} },
    greeting: readDiscovery,
    encode: (id, { method, params, progress, logLevel, capabilities, tasks, deadlineAt }) => ({
      jsonrpc: '2.0',
      id,
      method,
      params: {
        ...params,
        _meta:
          // Most calls wish for nothing: copying the claim for each of them would cost as much as writing it out.
          !progress &&
          logLevel === undefined &&
          params['_meta'] === undefined &&
          !tasks &&
          isEmpty(capabilities)
            ? withRemaining(claim, deadlineAt)
            : {
                ...metaOf(params),
                ...claim,
                // What lets the server ask for something: as much as this client can answer.
                [metaKeys.clientCapabilities]: {
                  ...relayable(capabilities),
                  ...(tasks === undefined ? undefined : { extensions: { [tasksExtension]: {} } }),
                },
                ...(progress ? { progressToken: id } : undefined),
                ...(logLevel === undefined ? undefined : { [metaKeys.logLevel]: logLevel }),
                ...withRemaining(undefined, deadlineAt),
              },
      },
    }),
    result: (value, { tasks }) => {
      const type = value['resultType'];
      const known = type === undefined || type === 'complete' || type === 'input_required';
      if (known || (tasks !== undefined && isTaskCreated(value)))
        return resultReply(type === 'input_required' ? value : withoutState(value));
      throw refusal(
        'ERR_UPSTREAM_FAILED',
        'The backend answered with a kind of result that was not asked for',
      );
    },
    error: (error) => {
      if (error.code === -32020 || error.code === -32022) throw new HopRefused(error);
      return { kind: 'error', error };
    },
  };
};

/** State belongs to a round. Elsewhere nobody asks for it, and it would reach the client unsealed. */
const withoutState = (value: Result): Result => {
  if (!('requestState' in value)) return value;
  const { requestState: _state, ...rest } = value;
  return rest;
};

const readDiscovery = (value: Result): ReturnType<EraCodec['greeting']> => {
  const offered = value['supportedVersions'];
  const revision = modernRevisions.find((own) => Array.isArray(offered) && offered.includes(own));
  if (revision === undefined)
    throw refusal(
      'ERR_UPSTREAM_FAILED',
      'The backend speaks no revision of the protocol that the gateway knows',
    );
  const serverInfo = metaOf(value)[metaKeys.serverInfo];
  const { capabilities, instructions } = value;
  return {
    revision,
    capabilities: isObject(capabilities) ? capabilities : {},
    ...(isObject(serverInfo) ? { serverInfo: serverInfo as Implementation } : undefined),
    ...(typeof instructions === 'string' ? { instructions } : undefined),
  };
};

const isEmpty = (capabilities: Capabilities): boolean => {
  for (const _key in capabilities) return false;
  return true;
};
