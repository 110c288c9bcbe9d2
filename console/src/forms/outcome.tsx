import type { Tried } from '../api/contract.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Badge } from '../parts/badge.js';
import { Json } from '../parts/json.js';
import { isRecord } from './isRecord.js';

/** What came back from a call: its content as far as it can be shown, and all of it as JSON. */
export const Outcome = ({ of }: { readonly of: Tried }) => {
  const result = isRecord(of.result) ? of.result : undefined;
  const word = of.error !== undefined ? 'refused' : result?.['isError'] === true ? 'tool_error' : 'success';
  const content: readonly unknown[] = Array.isArray(result?.['content']) ? result['content'] : [];
  return (
    <div class="outcome">
      <p>
        <Badge word={word} /> after {format.ms(of.duration_ms)}
        {of.call_id === undefined ? null : (
          <>
            {' · '}
            <a href={href(['calls', of.call_id])}>See what happened</a>
          </>
        )}
      </p>
      {of.error === undefined ? null : (
        <p class="fault">
          {of.error.message} {of.error.code === undefined ? null : <code>{of.error.code}</code>}
        </p>
      )}
      {content.map((part, index) => (
        <Content key={index} of={part} />
      ))}
      {result?.['structuredContent'] === undefined ? null : (
        <Json of={result['structuredContent']} label="Structured content" />
      )}
      {of.result === undefined ? null : (
        <details>
          <summary>All of it</summary>
          <Json of={of.result} label="Result" />
        </details>
      )}
    </div>
  );
};

const Content = ({ of }: { readonly of: unknown }) => {
  if (!isRecord(of)) return null;
  const { type, text, data, mimeType } = of;
  if (type === 'text' && typeof text === 'string') return <Json of={text} label="Text" />;
  if (type === 'image' && typeof data === 'string' && typeof mimeType === 'string')
    return <img class="picture" src={`data:${mimeType};base64,${data}`} alt="What the tool gave back" />;
  return <Json of={of} label={typeof type === 'string' ? type : 'Content'} />;
};
