/** Workers that can't be started. The message says so to whoever starts them. */
export class CrewError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CrewError';
  }
}
