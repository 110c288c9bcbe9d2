import { refusal } from '../protocol/errors.js';
import type { Catalog } from '../streams/catalog.js';
import type { Authenticated } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { stage } from '../streams/stage.js';

/**
 * Where there are tenants, lets only callers in who belong to one.
 *
 * > Others would find nothing at all; it is kinder to say why.
 *
 * ```
 * calls       --a-----b--|
 * needTenant  --a-----#        b has no tenant, or one that is not configured: ERR_TENANT_REQUIRED (403)
 * ```
 */
export const needTenant = (catalog: Latest<Catalog>) =>
  stage<Authenticated, unknown>((exchange) => {
    if (catalog.current.access(exchange.principal).member) return exchange;
    throw refusal('ERR_TENANT_REQUIRED', 'This gateway serves tenants, and you belong to none of them');
  });
