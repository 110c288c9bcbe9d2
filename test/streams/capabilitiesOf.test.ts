import assert from 'node:assert/strict';
import { capabilitiesOf } from '../../src/streams/capabilitiesOf.js';
import { enteredCall, sessionOf } from '../operators/scenarios.js';

const key = 'io.modelcontextprotocol/clientCapabilities';
const session = sessionOf({ capabilities: { sampling: {} } });
const declares = (capabilities: unknown) => ({ params: { _meta: { [key]: capabilities } } });

describe('streams/capabilitiesOf', () => {
  it('are those of the message in the 2026 era, whatever a session says', () => {
    assert.deepEqual(capabilitiesOf(enteredCall('tools/call', declares({ elicitation: {} }), session)), {
      elicitation: {},
    });
    assert.deepEqual(capabilitiesOf(enteredCall('tools/call', {}, session)), {});
    assert.deepEqual(capabilitiesOf(enteredCall('tools/call', declares('all'), session)), {});
  });

  it('are those of the session in the 2025 era, whatever the message says', () => {
    const options = { version: '2025-11-25', ...declares({ elicitation: {} }) } as const;
    assert.deepEqual(capabilitiesOf(enteredCall('tools/call', options, session)), { sampling: {} });
    assert.deepEqual(capabilitiesOf(enteredCall('tools/call', options)), {});
  });
});
