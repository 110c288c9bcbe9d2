import { isObject, type Result } from '../protocol/jsonrpc.js';

/**
 * The content of a tool's result as text for people, ending in a line break: text as it is, everything else as one line that
 * says what it is. A result without content blocks is shown by its structured content.
 */
export const contentText = (result: Result): string => {
  const { content, structuredContent } = result;
  const blocks = Array.isArray(content) ? content.map(blockText) : [];
  if (blocks.length === 0 && structuredContent !== undefined)
    blocks.push(JSON.stringify(structuredContent, undefined, 2));
  return blocks.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
};

const blockText = (block: unknown): string => {
  if (!isObject(block)) return JSON.stringify(block);
  switch (block['type']) {
    case 'text':
      return String(block['text']);
    case 'image':
    case 'audio':
      return `[${block['type']} ${String(block['mimeType'])}, ${base64Size(block['data'])}]`;
    case 'resource_link':
      return `[link ${String(block['uri'])}${typeof block['name'] === 'string' ? ` ${block['name']}` : ''}]`;
    case 'resource':
      return resourceText(block['resource']);
    default:
      return JSON.stringify(block);
  }
};

const resourceText = (resource: unknown): string => {
  if (!isObject(resource)) return '[resource without content]';
  const { uri, mimeType, text, blob } = resource;
  const head = `[resource ${String(uri)}${typeof mimeType === 'string' ? ` ${mimeType}` : ''}`;
  return typeof text === 'string' ? `${head}]\n${text}` : `${head}, ${base64Size(blob)}]`;
};

/** The size of what a base64 text holds, rounded for people. */
const base64Size = (data: unknown): string => {
  if (typeof data !== 'string') return 'no data';
  const bytes = Buffer.byteLength(data, 'base64');
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
};
