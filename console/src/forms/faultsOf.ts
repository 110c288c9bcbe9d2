import { isRecord } from './isRecord.js';
import { resolve } from './resolve.js';
import type { Schema } from './schema.js';
import { Unparsed } from './unparsed.js';

/** What is wrong with which value: path (`/to/0/name`) → a sentence. */
export type Faults = ReadonlyMap<string, string>;

/**
 * What is wrong with the arguments as far as a form can help: what is missing, of another type, out of its bounds. The gateway
 * checks all of the schema before it calls anything, patterns among it: a server's pattern in the browser's engine could freeze the page.
 */
export const faultsOf = (schema: unknown, value: unknown, root: Schema): Faults => {
  const faults = new Map<string, string>();
  judge(resolve(schema, root), value, '', { root, faults });
  return faults;
};

interface Judging {
  readonly root: Schema;
  readonly faults: Map<string, string>;
}

const judge = (schema: Schema, value: unknown, path: string, judging: Judging): void => {
  const { root, faults } = judging;
  const fault = value instanceof Unparsed ? 'This is not JSON' : ownFault(schema, value);
  if (fault !== undefined) {
    faults.set(path, fault);
    return;
  }
  if (Array.isArray(value)) {
    const items = resolve(schema['items'], root);
    value.forEach((item, index) => judge(items, item, `${path}/${index}`, judging));
  }
  if (isRecord(value)) {
    const properties = isRecord(schema['properties']) ? schema['properties'] : {};
    const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
    for (const name of required)
      if (typeof name === 'string' && value[name] === undefined) faults.set(`${path}/${name}`, 'Required');
    for (const [name, property] of Object.entries(properties))
      if (value[name] !== undefined) judge(resolve(property, root), value[name], `${path}/${name}`, judging);
  }
};

const numberOf = (schema: Schema, key: string): number | undefined => {
  const bound = schema[key];
  return typeof bound === 'number' ? bound : undefined;
};

const ownFault = (schema: Schema, value: unknown): string | undefined => {
  const least = (key: string): number => numberOf(schema, key) ?? -Infinity;
  const most = (key: string): number => numberOf(schema, key) ?? Infinity;
  if (
    Array.isArray(schema['enum']) &&
    !schema['enum'].some((one) => JSON.stringify(one) === JSON.stringify(value))
  )
    return 'Choose one of those offered';
  if (typeof value === 'number') {
    if (schema['type'] === 'integer' && !Number.isInteger(value)) return 'Only whole numbers';
    if (value < least('minimum')) return `At least ${least('minimum')}`;
    if (value > most('maximum')) return `At most ${most('maximum')}`;
    if (value <= least('exclusiveMinimum')) return `More than ${least('exclusiveMinimum')}`;
    if (value >= most('exclusiveMaximum')) return `Less than ${most('exclusiveMaximum')}`;
  }
  if (typeof value === 'string') {
    const { length } = Array.from(value);
    if (length < least('minLength')) return `At least ${least('minLength')} characters`;
    if (length > most('maxLength')) return `At most ${most('maxLength')} characters`;
  }
  if (Array.isArray(value)) {
    if (value.length < least('minItems')) return `At least ${least('minItems')} entries`;
    if (value.length > most('maxItems')) return `At most ${most('maxItems')} entries`;
  }
  return undefined;
};
