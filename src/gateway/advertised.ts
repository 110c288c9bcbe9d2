import { AdvertiseError } from './advertiseError.js';

/** Where other instances reach this one. */
export interface Advertised {
  readonly address: string;
  /** Whether only those on the same machine do. */
  readonly isLocal: boolean;
}

/**
 * The address that other instances reach this one at.
 *
 * @param url base URL that is listened on
 * @param configured `cluster.advertise`, if it is set
 * @throws AdvertiseError when neither tells
 */
export const advertised = (url: string, configured: string | undefined): Advertised => {
  const { origin, hostname } = new URL(configured ?? url);
  if (hostname === '[::]' || hostname === '0.0.0.0') throw new AdvertiseError(hostname);
  return { address: origin, isLocal: loopback.test(hostname) };
};

const loopback = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;
