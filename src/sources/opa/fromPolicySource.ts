import { createHash } from 'node:crypto';
import {
  catchError,
  combineLatest,
  defer,
  finalize,
  from,
  map,
  NEVER,
  of,
  startWith,
  switchMap,
  type Observable,
} from 'rxjs';
import type { OpaSettings, PolicySource } from '../../config/opaSettings.js';
import type { Reading } from '../consul/fromBlockingQuery.js';
import { compileRego } from './compileRego.js';
import { fromPlace } from './fromPlace.js';
import type { PolicyFeedOptions } from './policyFeedOptions.js';
import { packageOf } from './packageOf.js';
import type { PolicyEngine } from './policyEngine.js';
import type { PolicyFiles } from './policyFiles.js';
import { PolicyFault } from './policyFault.js';
import { readBundle } from './readBundle.js';
import { serverEngine } from './serverEngine.js';
import { wasmEngine } from './wasmEngine.js';

/**
 * What answers the questions of a source, now and whenever its policy has changed.
 *
 * ```
 * the place         a---b-----x---c--     x can't be read, does not compile, has no such decision
 * fromPolicySource  A---B-----f---C--     f why not; what was there before is still good
 * ```
 *
 * @param path the decision that is asked for most: it has to be there. Undefined for the package of the only Rego, whatever is asked for
 * @returns readings; never errors, never completes
 */
export const fromPolicySource = (
  source: PolicySource,
  path: string | undefined,
  options: PolicyFeedOptions,
): Observable<Reading<PolicyEngine>> =>
  source.kind === 'server'
    ? fromServer(source.url, options.opa)
    : defer(() => {
        const places = source.kind === 'bundle' ? [source.at] : source.at;
        let last: { readonly digest: string; readonly engine: PolicyEngine } | undefined;
        return combineLatest(places.map((place) => fromPlace(place, options))).pipe(
          switchMap((readings): Observable<Reading<PolicyEngine>> => {
            const failure = readings.find((reading) => reading.failure !== undefined)?.failure;
            if (failure !== undefined) return of({ failure });
            const files = readings.flatMap(({ value }) => value ?? []);
            const digest = digestOf(files);
            if (last?.digest === digest) return of({ value: last.engine });
            return from(built(source.kind, files, path, options.opa)).pipe(
              map((engine) => {
                last = { digest, engine };
                return { value: engine };
              }),
              catchError((error: unknown) => of({ failure: whyNot(error, options) })),
            );
          }),
        );
      });

const fromServer = (url: string, opa: OpaSettings): Observable<Reading<PolicyEngine>> =>
  defer(() => {
    const engine = serverEngine({ url, ...opa });
    return NEVER.pipe(
      startWith({ value: engine }),
      finalize(() => engine.close()),
    );
  });

const built = async (
  kind: 'bundle' | 'rego',
  places: readonly PolicyFiles[],
  path: string | undefined,
  opa: OpaSettings,
): Promise<PolicyEngine> => {
  const archive =
    kind === 'rego' ? await compileRego(opa.program, places, path) : [...(places[0]?.values() ?? [])][0];
  if (archive === undefined) throw new PolicyFault('The bundle is empty');
  const engine = await wasmEngine(await readBundle(archive), opa);
  const decision = path ?? onlyPackage(places);
  const lack = engine.lacks(decision);
  if (lack !== undefined) throw new PolicyFault(lack);
  return path === undefined ? { ...engine, ask: (_path, input) => engine.ask(decision, input) } : engine;
};

const onlyPackage = (places: readonly PolicyFiles[]): string => {
  const [content] = [...(places[0]?.values() ?? [])];
  return packageOf(content?.toString('utf8') ?? '') ?? '';
};

const digestOf = (places: readonly PolicyFiles[]): string => {
  const hash = createHash('sha256');
  for (const files of places)
    for (const [name, content] of files) hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest('base64');
};

const whyNot = (error: unknown, { log }: PolicyFeedOptions): string => {
  if (error instanceof PolicyFault) return error.message;
  log.error({ event: 'policy_unreadable', err: error }, 'A policy could not be read');
  return 'It can not be read: see the log';
};
