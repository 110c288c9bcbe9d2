import type { Order } from './order.js';

/**
 * What a scenario needs in the configuration of the server behind the gateway, beside its URL.
 *
 * The place for the `auth/*` scenarios: how the gateway authorizes itself, from the credentials in the scenario's context.
 */
export const upstreamSettings = (_order: Order): Readonly<Record<string, unknown>> => ({});
