import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import type { Faults } from './faultsOf.js';
import { initialOf } from './initialOf.js';
import { isRecord } from './isRecord.js';
import { JsonInput } from './jsonInput.js';
import { kindOf } from './kindOf.js';
import { resolve } from './resolve.js';
import type { Schema } from './schema.js';

/** What every part of a form is given. */
export interface SchemaFieldProps {
  readonly schema: unknown;
  /** The document that references point into. */
  readonly root: Schema;
  readonly name: string;
  readonly path: string;
  readonly value: unknown;
  readonly required: boolean;
  readonly faults: Faults;
  /** undefined takes the value out. */
  readonly change: (value: unknown) => void;
}

/** The place for one value of a JSON Schema: an input, a group of them, a list, or JSON where nothing else fits. */
export const SchemaField = (props: SchemaFieldProps) => {
  const schema = resolve(props.schema, props.root);
  const own = { ...props, schema };
  switch (kindOf(schema)) {
    case 'object':
      return <ObjectField {...own} />;
    case 'list':
      return <ListField {...own} />;
    default:
      return <InputField {...own} />;
  }
};

type Resolved = SchemaFieldProps & { readonly schema: Schema };

/** `id` of the input at a path. */
const idOf = (path: string): string => `argument${path.replaceAll(/[^\w/-]/g, '_').replaceAll('/', '-')}`;

const textOf = (schema: Schema, key: string): string | undefined => {
  const text = schema[key];
  return typeof text === 'string' ? text : undefined;
};

/** Longest pattern that is shown. */
const maxPattern = 200;

/** What is said of an input; a pattern is only shown, as the gateway checks it. */
const hintOf = (schema: Schema): string | undefined => {
  const pattern = textOf(schema, 'pattern');
  const shown = pattern !== undefined && pattern.length <= maxPattern ? `Pattern: ${pattern}` : undefined;
  return [textOf(schema, 'description'), shown].filter((text) => text !== undefined).join(' · ') || undefined;
};

const InputField = ({ schema, name, path, value, required, faults, change }: Resolved) => {
  const id = idOf(path);
  const fault = faults.get(path);
  const hint = hintOf(schema);
  const common = {
    id,
    'aria-required': required,
    'aria-invalid': fault !== undefined,
    ...(hint === undefined && fault === undefined ? {} : { 'aria-describedby': `${id}-note` }),
  };
  return (
    <Field
      label={textOf(schema, 'title') ?? name}
      id={id}
      required={required}
      fault={fault}
      {...(hint === undefined ? {} : { hint })}
    >
      <Input schema={schema} value={value} change={change} common={common} />
    </Field>
  );
};

interface InputProps extends Pick<Resolved, 'schema' | 'value' | 'change'> {
  readonly common: { readonly id: string };
}

const Input = ({ schema, value, change, common }: InputProps) => {
  switch (kindOf(schema)) {
    case 'choice': {
      const choices: readonly unknown[] =
        'const' in schema ? [schema['const']] : (schema['enum'] as unknown[]);
      return <Choice choices={choices} value={value} change={change} common={common} />;
    }
    case 'switch':
      return <Choice choices={[true, false]} value={value} change={change} common={common} />;
    case 'number':
      return (
        <input
          {...common}
          type="number"
          step={schema['type'] === 'integer' ? 1 : 'any'}
          value={typeof value === 'number' ? value : ''}
          onInput={({ currentTarget: { valueAsNumber } }) =>
            change(Number.isNaN(valueAsNumber) ? undefined : valueAsNumber)
          }
        />
      );
    case 'text':
      return (
        <textarea
          {...common}
          rows={typeof value === 'string' && value.includes('\n') ? 5 : 1}
          placeholder={textOf(schema, 'format') ?? ''}
          value={typeof value === 'string' ? value : ''}
          onInput={({ currentTarget }) =>
            change(currentTarget.value === '' ? undefined : currentTarget.value)
          }
        />
      );
    default:
      return <JsonInput value={value} change={change} common={common} />;
  }
};

interface ChoiceProps extends Omit<InputProps, 'schema'> {
  readonly choices: readonly unknown[];
}

const Choice = ({ choices, value, change, common }: ChoiceProps) => {
  const chosen = choices.findIndex((choice) => JSON.stringify(choice) === JSON.stringify(value));
  return (
    <select
      {...common}
      value={String(chosen)}
      onChange={({ currentTarget }) => change(choices[Number(currentTarget.value)])}
    >
      <option value="-1">not given</option>
      {choices.map((choice, index) => (
        <option key={index} value={String(index)}>
          {typeof choice === 'string' ? choice : JSON.stringify(choice)}
        </option>
      ))}
    </select>
  );
};

const Legend = ({ schema, name, required }: Pick<Resolved, 'schema' | 'name' | 'required'>) => (
  <legend>
    {textOf(schema, 'title') ?? name}
    {required ? <span class="required"> required</span> : null}
  </legend>
);

const About = ({ schema, fault }: { readonly schema: Schema; readonly fault: string | undefined }) => (
  <>
    {textOf(schema, 'description') === undefined ? null : <p class="note">{textOf(schema, 'description')}</p>}
    {fault === undefined ? null : (
      <p class="note">
        <strong class="fault">{fault}</strong>
      </p>
    )}
  </>
);

const ObjectField = (props: Resolved) => {
  const { schema, root, name, path, value, required, faults, change } = props;
  if (value === undefined && !(path === ''))
    return (
      <fieldset>
        <Legend {...props} />
        <About schema={schema} fault={faults.get(path)} />
        <AddButton what={name} add={() => change(initialOf(schema, root) ?? {})} />
      </fieldset>
    );
  const held = isRecord(value) ? value : {};
  const needed: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const fields = Object.entries(properties).map(([key, property]) => (
    <SchemaField
      key={key}
      schema={property}
      root={root}
      name={key}
      path={`${path}/${key}`}
      value={held[key]}
      required={needed.includes(key)}
      faults={faults}
      change={(next) => {
        const { [key]: _, ...others } = held;
        change(next === undefined ? others : { ...held, [key]: next });
      }}
    />
  ));
  if (path === '') return <>{fields}</>;
  return (
    <fieldset>
      <Legend {...props} />
      <About schema={schema} fault={faults.get(path)} />
      {fields}
      {required ? null : <RemoveButton what={name} remove={() => change(undefined)} />}
    </fieldset>
  );
};

const ListField = (props: Resolved) => {
  const { schema, root, name, path, value, faults, change } = props;
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const without = (index: number): void => {
    const rest = items.filter((_, at) => at !== index);
    change(rest.length === 0 ? undefined : rest);
  };
  return (
    <fieldset>
      <Legend {...props} />
      <About schema={schema} fault={faults.get(path)} />
      {items.map((item, index) => (
        <div class="entry" key={index}>
          <SchemaField
            schema={schema['items']}
            root={root}
            name={`${name} ${index + 1}`}
            path={`${path}/${index}`}
            value={item ?? undefined}
            required
            faults={faults}
            change={(next) => change(items.with(index, next ?? null))}
          />
          <RemoveButton what={`${name} ${index + 1}`} remove={() => without(index)} />
        </div>
      ))}
      <AddButton what={name} add={() => change([...items, initialOf(schema['items'], root) ?? null])} />
    </fieldset>
  );
};

const AddButton = ({ what, add }: { readonly what: string; readonly add: () => void }) => (
  <button type="button" class="small" onClick={add}>
    <Icon name="plus" /> Add <span class="visually-hidden">to {what}</span>
  </button>
);

const RemoveButton = ({ what, remove }: { readonly what: string; readonly remove: () => void }) => (
  <button type="button" class="small" onClick={remove}>
    Remove <span class="visually-hidden">{what}</span>
  </button>
);
