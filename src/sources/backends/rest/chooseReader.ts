import type { Reply } from '../../../streams/reply.js';
import type { Head } from '../../fromDispatch.js';
import type { AnswerReader } from './answerReader.js';
import { collectBody } from './collectBody.js';
import { httpFailure } from './httpFailure.js';
import { mediaType, type MediaType } from './mediaType.js';
import { readParts, type PartKind } from './readParts.js';
import { restLimits } from './restLimits.js';
import { toContent } from './toContent.js';
import { toolError } from './toolError.js';
import { tooLarge } from './tooLarge.js';

export interface ChooseReaderOptions {
  /** The tool is one whose text answers come in parts. */
  readonly streaming: boolean;
  readonly list: string | undefined;
  /** The URI of a binary answer's resource block. */
  readonly uri: string;
  /** Bytes of an answer. */
  readonly limit: number;
  /** Texts that never leave in an error. */
  readonly secrets: readonly string[];
  /** Takes progress. It goes out even where the client takes none: it is the sign of life that keeps a call within its time. */
  readonly notify: (reply: Reply) => void;
  /** Whether the client takes progress. */
  readonly takesProgress: boolean;
}

/** Chooses by status and content type how an answer's body is read. */
export const chooseReader = (head: Head, options: ChooseReaderOptions): AnswerReader => {
  const { limit, secrets, list, uri, notify, takesProgress } = options;
  if (head.status >= 300)
    return collectBody(restLimits.errorBodyBytes, (body) => httpFailure(head, body, secrets));
  const encoding = head.headers['content-encoding'];
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity')
    return collectBody(0, () => toolError('The service compressed its answer although it was asked not to'));
  const type = mediaType(head.headers['content-type']);
  const kind = partKind(type, options.streaming);
  if (kind !== undefined)
    return readParts({ kind, charset: type.charset, limit, list, onPart: progress(notify), takesProgress });
  const announced = Number(head.headers['content-length'] ?? 0);
  return collectBody(announced > limit ? 0 : limit, (body, cut) =>
    cut ? tooLarge('answer', limit) : toContent(head.status, type, body, { list, uri }),
  );
};

const partKind = ({ kind }: MediaType, streaming: boolean): PartKind | undefined => {
  if (kind === 'ndjson' || kind === 'sse') return kind;
  return streaming && (kind === 'text' || kind === 'unknown') ? 'text' : undefined;
};

/** Numbers the parts: `progress` must rise with each (2025-11-25, basic/utilities/progress). */
const progress = (notify: ChooseReaderOptions['notify']): ((message: string) => void) => {
  let count = 0;
  return (message) =>
    notify({
      kind: 'notification',
      method: 'notifications/progress',
      params: { progress: ++count, message },
    });
};
