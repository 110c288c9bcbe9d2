/** Why a policy can't be had, or can't answer. The message is for operators: it names files and keys, never secrets, and reaches no client. */
export class PolicyFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PolicyFault';
  }
}
