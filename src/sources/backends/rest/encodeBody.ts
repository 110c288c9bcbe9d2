import { randomBytes } from 'node:crypto';
import { isObject } from '../../../protocol/jsonrpc.js';
import { appendQuery } from './appendQuery.js';
import type { BodyEncoding } from './restTool.js';
import { scalar } from './scalar.js';

/** A request body and the content type that goes with it. */
export interface EncodedBody {
  readonly text: string;
  readonly contentType: string;
}

/**
 * Writes an argument as a request body.
 *
 * @param value the argument
 * @param encoding JSON; a form (`a=1&b=2`); a multipart form of text fields; or text as it is
 * @param contentType what to send it as; a multipart form adds its boundary
 */
export const encodeBody = (value: unknown, encoding: BodyEncoding, contentType: string): EncodedBody => {
  if (encoding === 'json') return { text: JSON.stringify(value), contentType };
  if (encoding === 'text') return { text: scalar(value), contentType };
  return encoding === 'form' ? { text: form(value), contentType } : multipart(value, contentType);
};

const form = (value: unknown): string => {
  if (!isObject(value)) return scalar(value);
  let text = '';
  for (const [name, item] of Object.entries(value)) text = appendQuery(text, name, item, 'repeat');
  return text;
};

const multipart = (value: unknown, contentType: string): EncodedBody => {
  // Random, so that no value can hold it and end its part early.
  const boundary = `sluice-${randomBytes(18).toString('hex')}`;
  let text = '';
  for (const [name, item] of Object.entries(isObject(value) ? value : { value })) {
    const quoted = name.replace(/["\r\n]/g, (char) => encodeURIComponent(char));
    const items: readonly unknown[] = Array.isArray(item) ? item : [item];
    for (const one of items) {
      if (one === undefined || one === null) continue;
      text += `--${boundary}\r\ncontent-disposition: form-data; name="${quoted}"\r\n\r\n${scalar(one)}\r\n`;
    }
  }
  return { text: `${text}--${boundary}--\r\n`, contentType: `${contentType}; boundary=${boundary}` };
};
