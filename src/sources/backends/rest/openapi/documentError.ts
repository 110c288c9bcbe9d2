/** Why a whole OpenAPI document can't be used. The message reads on after "the document can't be used: ". */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}
