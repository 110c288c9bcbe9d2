import { listMethods, type ListMethod } from '../protocol/methods.js';
import { bytes } from './bytes.js';
import type { CacheRule, CacheSettings } from './cacheSettings.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';

type Raw = NonNullable<RawConfig['cache']>;

/** `cache` with its defaults. */
export const toCache = ({ cache: raw }: RawConfig): { readonly cache?: CacheSettings } => {
  if (raw === undefined) return {};
  const { 'resources/read': read, 'prompts/get': prompts, 'tools/call': tools } = raw;
  return {
    cache: {
      store: raw.store ?? 'memory',
      maxBytes: raw.max_size === undefined ? limits.cacheBytes : bytes(raw.max_size),
      maxAnswerBytes: raw.max_answer === undefined ? limits.cachedAnswerBytes : bytes(raw.max_answer),
      calls: {
        ...(read !== undefined && { 'resources/read': toRule(read) }),
        ...(prompts !== undefined && { 'prompts/get': toRule(prompts) }),
        ...(tools !== undefined && {
          'tools/call': {
            ...toRule(tools),
            tools: tools.tools ?? [],
            trusted: tools.trusted ?? [],
            hints: tools.hints ?? ['read_only'],
          },
        }),
      },
      lists: toLists(raw),
    },
  };
};

const toRule = ({
  ttl,
  vary,
  scope = 'private',
  servers,
}: NonNullable<Raw['resources/read']>): CacheRule => ({
  ttlMs: milliseconds(ttl),
  scope,
  ...(vary !== undefined && { vary }),
  ...(servers !== undefined && { servers }),
});

const toLists = (raw: Raw): Partial<Record<ListMethod, number>> =>
  Object.fromEntries(
    listMethods.flatMap((method) => {
      const ttl = raw[method]?.ttl;
      return ttl === undefined ? [] : [[method, milliseconds(ttl)]];
    }),
  );
