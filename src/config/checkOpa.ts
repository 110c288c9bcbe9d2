import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { RawPolicy } from './schema/opa.js';

const sources = ['bundle', 'rego', 'url'] as const;

/** Policies that have no source, or two, or one that is nowhere. */
export const checkOpa = ({ opa, servers, consul }: RawConfig, report: Report): void => {
  if (!report.sound('/opa')) return;
  const checkSource = (raw: RawPolicy, pointer: string): void => {
    const [, second] = sources.filter((key) => raw[key] !== undefined);
    if (second !== undefined)
      report.add(
        `${pointer}/${second}`,
        'A policy has one source',
        'Keep one of `bundle`, `rego` and `url`',
        'key',
      );
    for (const key of ['bundle', 'rego'] as const)
      for (const place of [raw[key] ?? []].flat()) {
        if (place.startsWith('consul:') && consul === undefined)
          report.add(`${pointer}/${key}`, '`consul:` needs an agent', 'Add `consul: { url: … }`');
        if (key === 'rego' && /^https?:/i.test(place))
          report.add(
            `${pointer}/${key}`,
            'Rego is read from files and from Consul KV',
            'Serve a bundle instead: `opa build -t wasm`, and `bundle: URL`',
          );
        if (place.startsWith('http') && /^https?:\/\//i.test(place) && !URL.canParse(place))
          report.add(`${pointer}/${key}`, 'This is no URL', 'Write `https://host/path/bundle.tar.gz`');
      }
  };
  const hasSource = (raw: RawPolicy | undefined): boolean =>
    raw !== undefined && sources.some((key) => raw[key] !== undefined);
  if (opa !== undefined) {
    checkSource(opa, '/opa');
    // Servers may have policies of their own, those that are discovered too.
    const hasOthers =
      opa.shadow !== undefined ||
      consul !== undefined ||
      Object.values(servers ?? {}).some((server) => hasSource(server.opa));
    if (!hasSource(opa) && (opa.path !== undefined || !hasOthers))
      report.add('/opa', '`opa` does not say where its policy is', 'Add `bundle`, `rego` or `url`', 'key');
  }
  const ofOthers = [
    ...(opa?.shadow === undefined ? [] : [[opa.shadow, '/opa/shadow'] as const]),
    ...Object.entries(servers ?? {}).flatMap(([name, server]) =>
      server.opa === undefined ? [] : [[server.opa, `${childPointer('/servers', name)}/opa`] as const],
    ),
  ];
  for (const [raw, pointer] of ofOthers) {
    if (!report.sound(pointer)) continue;
    checkSource(raw, pointer);
    if (!hasSource(raw) && !hasSource(opa))
      report.add(
        pointer,
        'There is no policy that this is a part of',
        'Add `bundle`, `rego` or `url` here, or to `opa` for all servers',
        'key',
      );
  }
};
