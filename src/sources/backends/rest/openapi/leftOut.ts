/** Why an operation, or a part of it, can't become a tool. Caught where the document's operations are gone through. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut';
}
