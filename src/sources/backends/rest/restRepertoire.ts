import { catchError, map, of, throwError, type Observable } from 'rxjs';
import type { ClientTlsSettings } from '../../../config/clientTlsSettings.js';
import type { RestServerSettings } from '../../../config/settings.js';
import { GatewayError } from '../../../protocol/errors.js';
import type { Log } from '../../../streams/log.js';
import type { AddressGuard } from '../../network/addressGuard.js';
import type { BaseUrl } from './baseUrl.js';
import { DocumentError } from './openapi/documentError.js';
import { openApiSource, type OpenApiSource, type ReadOpenApi } from './openapi/openApiSource.js';
import { repertoire, type Repertoire } from './repertoire.js';
import { toRestTool } from './restTool.js';

export interface RestRepertoireOptions {
  readonly settings: RestServerSettings;
  /** The instance's base URL; undefined if the document names it. */
  readonly base: BaseUrl | undefined;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the document may be fetched from. */
  readonly guard: AddressGuard | undefined;
  /** For the server itself. */
  readonly tls: ClientTlsSettings | undefined;
  readonly log: Log;
}

/** The repertoire of one instance, and how it gets a newer one. */
export interface RestRepertoire {
  /** The newest; undefined before the first document was read, where there is nothing without it. */
  readonly current: Repertoire | undefined;
  /** Reads the document again; the same object while it is unchanged. */
  readonly newest$: Observable<Repertoire>;
}

/** How soon to ask again after a document could not be read and only the settings' own tools are offered, in milliseconds. */
const retryMs = 5000;

/**
 * Tools of the settings and of an OpenAPI document. A tool of the settings replaces the document's of the same name.
 *
 * If the document can't be used, `newest$` errors with `ERR_UPSTREAM_UNREACHABLE`, so that the last good list stays; only if
 * there never was one and the settings define tools, those are offered alone, with a warning.
 */
export const restRepertoire = (options: RestRepertoireOptions): RestRepertoire => {
  const { settings, base, headers, guard, tls, log } = options;
  const own = settings.tools.map(toRestTool);
  const replaced = new Set(own.map((tool) => tool.definition.name));
  const source =
    settings.openapi === undefined
      ? noDocument
      : openApiSource(settings, settings.openapi, { headers, guard, tls });

  const logged = (next: Repertoire): Repertoire => {
    for (const warning of next.offer.warnings)
      log.warn({ event: 'rest_offer', server: settings.name, warning }, warning);
    return next;
  };

  const alone = (warnings: readonly string[] = [], ttl: { ttlMs?: number } = {}): Repertoire | undefined =>
    base === undefined || (own.length === 0 && settings.openapi !== undefined)
      ? undefined
      : logged(repertoire({ tools: own, base, headers, warnings, ...ttl }));

  let compiled = alone();
  let compiledFrom: ReadOpenApi | undefined;

  const compile = (read: ReadOpenApi): Repertoire => {
    if (compiled !== undefined && compiledFrom === read) return compiled;
    const target = base ?? read.server;
    if (target instanceof DocumentError) throw target;
    const tools = read.tools.filter((tool) => !replaced.has(tool.definition.name));
    const { warnings, serverInfo } = read;
    compiled = logged(repertoire({ tools: [...tools, ...own], base: target, headers, warnings, serverInfo }));
    compiledFrom = read;
    return compiled;
  };

  const failed = (error: unknown): Observable<Repertoire> => {
    const known = error instanceof DocumentError || error instanceof GatewayError;
    const message = `The OpenAPI document can't be used: ${known ? error.message : 'it is broken'}`;
    log.warn({ event: 'rest_document', server: settings.name, err: error }, message);
    const rest = compiledFrom === undefined ? alone([message], { ttlMs: retryMs }) : undefined;
    return rest === undefined
      ? throwError(() => new GatewayError('ERR_UPSTREAM_UNREACHABLE', message, { cause: error }))
      : of(rest);
  };

  return {
    get current() {
      // Another instance may have read a newer document meanwhile.
      const read = source.current;
      return read === undefined || read === compiledFrom || (base ?? read.server) instanceof DocumentError
        ? compiled
        : compile(read);
    },
    newest$:
      settings.openapi === undefined && compiled !== undefined
        ? of(compiled)
        : source.newest$.pipe(map(compile), catchError(failed)),
  };
};

const noDocument: OpenApiSource = {
  current: undefined,
  newest$: throwError(() => new DocumentError('there is none')),
};
