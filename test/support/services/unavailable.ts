/** A service can't be had on this machine: no package, no network, no tool to fetch it with. */
export class Unavailable extends Error {
  constructor(service: string, why: string) {
    super(`${service} can't be had here: ${why}`);
    this.name = 'Unavailable';
  }
}
