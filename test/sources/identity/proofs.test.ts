import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import { fromUnknown } from '../../../src/protocol/errors.js';
import { Proofs } from '../../../src/sources/identity/proofs.js';
import { memoryCounters } from '../../../src/stores/memoryCounters.js';
import { proofOf, signingKey, thumbprint } from '../../support/startIssuer.js';

describe('sources/identity/proofs', () => {
  it('takes a proof once, whichever of those that share their counters gets it', async () => {
    const counters = memoryCounters({ maxKeys: 100 });
    const [one, other] = [new Proofs(counters), new Proofs(counters)];
    const key = await signingKey();
    const url = 'https://gw.example/mcp';
    const token = randomUUID();
    const proven = { token, jkt: await thumbprint(key), method: 'POST', url };
    const used = await proofOf(key, token, { htu: url });
    const codeOf = (proofs: Proofs, proof: string): Promise<string> =>
      firstValueFrom(proofs.check(proof, proven)).then(
        () => 'taken',
        (error: unknown) => fromUnknown(error).message,
      );
    assert.equal(await codeOf(one, used), 'taken');
    assert.equal(await codeOf(other, used), 'The proof was used before');
    assert.equal(await codeOf(one, used), 'The proof was used before');
    assert.equal(await codeOf(other, await proofOf(key, token, { htu: url })), 'taken');
    counters.close();
  });
});
