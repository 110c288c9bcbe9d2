import { catchError, from, map, of, switchMap, tap, throwError, type Observable } from 'rxjs';
import type { PipelineSettings } from '../config/pipelineSettings.js';
import type { Settings } from '../config/settings.js';
import { refusal } from '../protocol/errors.js';
import { importPipeline } from '../sources/pipeline/importPipeline.js';
import { PipelineError } from '../sources/pipeline/pipelineError.js';
import { latest, type Latest, type LiveLatest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import type { OwnPipeline } from '../streams/ownPipeline.js';
import { service } from '../streams/service.js';
import { tryPipeline } from './tryPipeline.js';

/** What a pipeline is built of that somebody decides. */
export interface Assembly {
  readonly settings: Settings;
  /** Undefined for the default chain. */
  readonly custom: OwnPipeline | undefined;
}

export interface Assembling extends LiveLatest<Assembly> {
  /** Resolves when the module that the first settings name is there; rejects with a {@link PipelineError}. */
  readonly opened: Promise<void>;
}

/**
 * The settings with the pipeline of one's own that belongs to them: both change together.
 *
 * > Keeps the last good one: a module that breaks later is logged, and changes nothing.
 *
 * @param given what the program has said; then the module of the settings is not looked at
 */
export const assembling = (
  configured: Latest<Settings>,
  given: OwnPipeline | undefined,
  log: Log,
): Assembling => {
  const first = configured.current;
  const warned = new Set<string>();
  const tried = (custom: OwnPipeline, settings: Settings, name: string): OwnPipeline => {
    for (const message of tryPipeline(custom, settings, name))
      if (!warned.has(message)) {
        warned.add(message);
        log.warn({ event: 'pipeline_leaves_out', pipeline: name }, message);
      }
    return custom;
  };
  if (given !== undefined) tried(given, first, 'that the program gives');

  let last: Assembly | undefined;
  const imported = (settings: Settings, { name, ...module }: PipelineSettings): Observable<Assembly> =>
    from(importPipeline({ name, ...module })).pipe(
      map((custom) => ({ settings, custom: tried(custom, settings, name) })),
      catchError((error: unknown) => {
        if (last === undefined) return throwError(() => error);
        const { message, remedy } = asPipelineError(name, error);
        const words = `${message}\n${remedy}. The pipeline before this change stays in force.`;
        log.error({ event: 'pipeline_rejected', pipeline: name, cause: error }, words);
        return of({ settings, custom: last.custom });
      }),
    );
  const assembled$ = configured.changes$.pipe(
    switchMap((settings) =>
      given !== undefined || settings.pipeline === undefined
        ? of({ settings, custom: given })
        : imported(settings, settings.pipeline),
    ),
    tap((assembly) => (last = assembly)),
  );

  let settle: { readonly resolve: () => void; readonly reject: (reason: Error) => void } | undefined;
  const opened = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever opens the gateway hears of it; it may also be closed without that.
  opened.catch(() => undefined);
  const waiting = { settings: first, custom: given ?? (first.pipeline === undefined ? undefined : notYet) };
  const live = latest(assembled$.pipe(tap(() => settle?.resolve())), waiting, (error) =>
    settle?.reject(asPipelineError(first.pipeline?.name ?? '', error)),
  );
  return Object.assign(live, { opened });
};

const asPipelineError = (name: string, error: unknown): PipelineError =>
  error instanceof PipelineError ? error : new PipelineError(name, String(error), 'Mend the module', error);

/** Nothing goes past a chain that is not there yet. */
const notYet: OwnPipeline = {
  calls: () =>
    service(() => {
      throw refusal('ERR_DRAINING', 'The gateway is starting');
    }),
};
