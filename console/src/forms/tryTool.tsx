import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api/apiError.js';
import { asApiError } from '../api/asApiError.js';
import type { ToolDetail, Tried } from '../api/contract.js';
import { request } from '../api/request.js';
import { Failure } from '../parts/failure.js';
import { Field } from '../parts/field.js';
import { Outcome } from './outcome.js';
import { faultsOf, type Faults } from './faultsOf.js';
import { initialOf } from './initialOf.js';
import { isRecord } from './isRecord.js';
import { JsonInput } from './jsonInput.js';
import { SchemaField } from './schemaField.js';
import { Unparsed } from './unparsed.js';

interface TryToolProps {
  readonly of: ToolDetail;
  /** Called after each call. */
  readonly tried: () => void;
}

/** Calls a tool through the whole pipeline, as who is signed in, with arguments from a form made of its schema. */
export const TryTool = ({ of, tried }: TryToolProps) => {
  const schema = isRecord(of.definition['inputSchema']) ? of.definition['inputSchema'] : {};
  const [value, setValue] = useState<unknown>(() => initialOf(schema, schema) ?? {});
  const [asJson, setAsJson] = useState(false);
  const [faults, setFaults] = useState<Faults>(new Map());
  const [running, setRunning] = useState(false);
  const [cancelled, setCancelled] = useState(false);
  const abort = useRef<AbortController | undefined>(undefined);
  // Who leaves the view waits for no answer.
  useEffect(() => () => abort.current?.abort(), []);
  const [answer, setAnswer] = useState<Tried | undefined>(undefined);
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const form = useRef<HTMLFormElement>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const found = faultsOf(schema, value, schema);
    setFaults(found);
    setAnswer(undefined);
    setFailed(undefined);
    setCancelled(false);
    if (found.size > 0) {
      // After the faults have been drawn.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    setRunning(true);
    const { signal } = (abort.current = new AbortController());
    try {
      setAnswer(
        await request<Tried>(`/tools/${encodeURIComponent(of.definition.name)}/call`, {
          method: 'POST',
          body: { arguments: value },
          signal,
        }),
      );
      tried();
    } catch (error) {
      if (signal.aborted) setCancelled(true);
      else setFailed(asApiError(error));
    } finally {
      setRunning(false);
    }
  };

  const noted = [...faults.entries()];
  return (
    <form ref={form} class="try" noValidate onSubmit={(event) => void submit(event)}>
      <label class="check">
        <input
          type="checkbox"
          checked={asJson}
          disabled={value instanceof Unparsed}
          onChange={({ currentTarget }) => setAsJson(currentTarget.checked)}
        />
        Arguments as JSON
      </label>
      {asJson ? (
        <Field
          label="Arguments"
          id="arguments"
          fault={noted.map(([path, text]) => `${path || 'all'}: ${text}`)[0]}
        >
          <JsonInput
            value={value}
            change={(next) => setValue(next ?? {})}
            common={{
              id: 'arguments',
              'aria-invalid': faults.size > 0,
              'aria-describedby': 'arguments-note',
            }}
          />
        </Field>
      ) : (
        <Parts schema={schema} value={value} faults={faults} change={setValue} />
      )}
      <p>
        <button type="submit" class="primary" disabled={running}>
          {running ? 'Calling…' : 'Call'}
        </button>{' '}
        {running ? (
          <button type="button" onClick={() => abort.current?.abort()}>
            Cancel
          </button>
        ) : null}{' '}
        <span class="quiet">It is a real call, and is recorded as one of yours.</span>
      </p>
      <div role="status">
        {faults.size === 0 ? null : (
          <p class="fault">
            {faults.size === 1 ? 'One value has' : `${faults.size} values have`} to be mended before it can be
            called.
          </p>
        )}
        {cancelled ? <p>Cancelled</p> : null}
        {answer === undefined ? null : <Outcome of={answer} />}
      </div>
      {failed === undefined ? null : <Failure error={failed} />}
    </form>
  );
};

interface PartsProps {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  readonly faults: Faults;
  readonly change: (value: unknown) => void;
}

const Parts = ({ schema, value, faults, change }: PartsProps) =>
  isRecord(schema['properties']) && Object.keys(schema['properties']).length > 0 ? (
    <SchemaField
      schema={schema}
      root={schema}
      name="arguments"
      path=""
      value={value}
      required
      faults={faults}
      change={(next) => change(next ?? {})}
    />
  ) : (
    <p class="quiet">It takes no arguments.</p>
  );
