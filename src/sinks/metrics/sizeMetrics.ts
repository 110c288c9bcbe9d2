import { Histogram, type Registry } from 'prom-client';
import type { Exchange } from '../../streams/exchange.js';
import { receivedBytes } from '../receivedBytes.js';

const KiB = 1024;
const buckets = [KiB / 4, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, KiB * KiB, 4 * KiB * KiB];

/**
 * How large requests and their answers are: `mcp_gateway_request_size_bytes` and `mcp_gateway_response_size_bytes`.
 *
 * @returns to be told of every request that has ended, and its method as a label
 */
export const sizeMetrics = (registry: Registry): ((exchange: Exchange, method: string) => void) => {
  const registers = [registry];
  const requests = new Histogram({
    name: 'mcp_gateway_request_size_bytes',
    help: 'How long the messages of requests were.',
    labelNames: ['method'],
    buckets,
    registers,
  });
  const responses = new Histogram({
    name: 'mcp_gateway_response_size_bytes',
    help: 'How much was sent in answer to a request, notifications included.',
    labelNames: ['method'],
    buckets,
    registers,
  });
  return (exchange, method) => {
    requests.observe({ method }, receivedBytes(exchange));
    const { sentBytes } = exchange.outlet;
    if (sentBytes !== undefined) responses.observe({ method }, sentBytes);
  };
};
