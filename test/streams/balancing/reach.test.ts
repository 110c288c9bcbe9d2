import assert from 'node:assert/strict';
import { EMPTY, of, throwError } from 'rxjs';
import { refusal, type GatewayErrorCode } from '../../../src/protocol/errors.js';
import { Reach } from '../../../src/streams/balancing/reach.js';
import { result } from '../../../src/streams/reply.js';

describe('streams/balancing/reach', () => {
  const fails = (reach: Reach, code: GatewayErrorCode): void => {
    reach.watch(throwError(() => refusal(code, 'gone'))).subscribe({ error: () => undefined });
  };

  it('is lost after three calls in a row that did not reach it, until one does', () => {
    const reach = new Reach();
    for (let times = 0; times < 2; times++) fails(reach, 'ERR_UPSTREAM_UNREACHABLE');
    fails(reach, 'ERR_UPSTREAM_TIMEOUT');
    reach.watch(EMPTY).subscribe();
    assert.equal(reach.isLost, false);
    fails(reach, 'ERR_UPSTREAM_UNREACHABLE');
    assert.equal(reach.isLost, true);
    reach.watch(of(result({}))).subscribe();
    assert.equal(reach.isLost, false);
  });
});
