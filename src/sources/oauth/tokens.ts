import type { TokenEndpointResponse } from 'oauth4webapi';
import type { Grant } from '../../streams/grants.js';
import { unauthorized } from './unauthorized.js';

/** What a token was asked with. */
export type Asked = Pick<Grant, 'issuer' | 'resource' | 'scopes' | 'refreshToken'>;

/**
 * A grant from the answer of the token endpoint.
 *
 * @param asked its `refreshToken` stays in force unless there is a new one
 * @throws ERR_UPSTREAM_UNAUTHORIZED for a token that is no bearer token, or could not stand in a header
 */
export const tokens = (answer: TokenEndpointResponse, asked: Asked, now: number): Grant => {
  if (answer.token_type !== 'bearer')
    throw unauthorized('The authorization server gave a token that is no bearer token');
  if (!/^[\x21-\x7e]{1,16384}$/.test(answer.access_token))
    throw unauthorized('The authorization server gave a token that can not be sent');
  const { refreshToken, ...rest } = asked;
  const refresh = answer.refresh_token ?? refreshToken;
  return {
    ...rest,
    accessToken: answer.access_token,
    ...(answer.expires_in !== undefined && { expiresAt: now + answer.expires_in * 1000 }),
    ...(refresh !== undefined && { refreshToken: refresh }),
  };
};
