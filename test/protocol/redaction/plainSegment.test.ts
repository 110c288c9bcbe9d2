import assert from 'node:assert/strict';
import { plainSegment } from '../../../src/protocol/redaction/plainSegment.js';

describe('protocol/redaction/plainSegment', () => {
  for (const plain of [
    '',
    'mcp',
    'v1',
    'traces',
    'oauth2',
    'customer-orders',
    'mcp-server-production-2',
    'getCustomerOrdersByDate',
    '{customerId}.json',
    '.well-known',
    '2025-06-18',
    'Aufträge',
    'internationalization',
  ])
    it(`takes ${plain} for words`, () => assert.ok(plainSegment(plain)));
  for (const opaque of [
    'T00AB12CD',
    'B0123456789',
    'x7Kp2mQz9RtLw4VbN8sYcD3f',
    'xKpQmQzRtLwVbNsYcDf',
    'qzxkwjvbnmplrtghdfsyacuioe',
    '550e8400-e29b-41d4-a716-446655440000',
    'bot123456789:AAF-x7Kp2mQz9RtLw',
    'sk-proj-a1b2c3d4e5f6g7h8i9j0',
    '4111111111111111',
  ])
    it(`takes ${opaque} for no words`, () => assert.ok(!plainSegment(opaque)));
});
