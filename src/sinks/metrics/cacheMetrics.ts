import { Counter, Gauge, type Registry } from 'prom-client';
import type { AnswerStore } from '../../streams/answers.js';

/** What is held of remembered answers; read when somebody asks. Hits and misses are counted with the calls (toMetrics.ts). */
export const cacheMetrics = (registry: Registry, answers: Pick<AnswerStore, 'held'>): void => {
  const registers = [registry];
  new Gauge({
    name: 'mcp_gateway_cache_answers',
    help: 'Answers that this process remembers.',
    registers,
    collect() {
      this.set(answers.held.answers);
    },
  });
  new Gauge({
    name: 'mcp_gateway_cache_bytes',
    help: 'What they take (cache.max_size).',
    registers,
    collect() {
      this.set(answers.held.bytes);
    },
  });
  new Counter({
    name: 'mcp_gateway_cache_pushed_out_total',
    help: 'Answers that were forgotten to make room for others.',
    registers,
    collect() {
      this.reset();
      this.inc(answers.held.pushedOut);
    },
  });
};
