import assert from 'node:assert/strict';
import { redactFields } from '../../src/cli/redactFields.js';

describe('cli/redactFields', () => {
  it('leaves a line without secrets as it is, uncopied', () => {
    const fields = { event: 'tool_call', tool: 'orders_get', duration_ms: 3 };
    assert.equal(redactFields(fields), fields);
  });

  it('blots out secrets by name, at any depth and in any case', () => {
    const fields = {
      headers: { Authorization: 'Bearer x', accept: '*/*' },
      list: [{ password: 'p' }],
      token: 't',
    };
    assert.deepEqual(redactFields(fields), {
      headers: { Authorization: '[redacted]', accept: '*/*' },
      list: [{ password: '[redacted]' }],
      token: '[redacted]',
    });
    assert.equal(fields.token, 't');
  });

  it('makes errors readable, with what lies behind them', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E_X' });
    const { cause } = redactFields({ cause: error }) as { cause: Record<string, unknown> };
    assert.equal(cause['code'], 'E_X');
    assert.equal(cause['message'], 'outer');
    assert.equal((cause['cause'] as Record<string, unknown>)['message'], 'inner');
  });

  it('ends on a value that holds itself', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    assert.ok(JSON.stringify(redactFields({ loop, token: 't' })).length < 500);
  });
});
