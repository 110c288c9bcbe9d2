import { changedFields } from '../protocol/integrity/changedFields.js';
import { isObject } from '../protocol/jsonrpc.js';
import { escaped } from './escaped.js';
import type { PinChange } from './pinChanges.js';

/** Lines shown of one definition. */
const maxLines = 60;

/** What has changed of a definition, a line each way: `- description: …`, `+ inputSchema.properties.id.type: …`. */
export const pinDiff = ({ before, now }: Pick<PinChange, 'before' | 'now'>): readonly string[] => {
  // Of what is gone or new the description says most.
  if (before === undefined || now === undefined) {
    const description = (before ?? now)?.['description'];
    return description === undefined
      ? []
      : [`${now === undefined ? '-' : '+'} description: ${shown(description)}`];
  }
  const lines = changedFields(before, now).flatMap((field) => differences(before[field], now[field], field));
  const rest = lines.length - maxLines;
  return rest > 0 ? [...lines.slice(0, maxLines), `… and ${rest} lines more`] : lines;
};

const differences = (before: unknown, now: unknown, path: string): string[] => {
  if (isObject(before) && isObject(now))
    return changedFields(before, now).flatMap((field) =>
      differences(before[field], now[field], `${path}.${escaped(field)}`),
    );
  return [
    ...(before === undefined ? [] : [`- ${path}: ${shown(before)}`]),
    ...(now === undefined ? [] : [`+ ${path}: ${shown(now)}`]),
  ];
};

const shown = (value: unknown): string => escaped(JSON.stringify(value));
