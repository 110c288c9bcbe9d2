/** Other instances could not reach this one. The message says why. */
export class AdvertiseError extends Error {
  constructor(host: string) {
    super(`Listening on ${host} does not tell how other instances reach this one`);
    this.name = 'AdvertiseError';
  }
}
