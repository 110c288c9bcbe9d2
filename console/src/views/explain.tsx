import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../api/apiError.js';
import { asApiError } from '../api/asApiError.js';
import type { Explanation } from '../api/contract.js';
import { request } from '../api/request.js';
import { JsonInput } from '../forms/jsonInput.js';
import { Unparsed } from '../forms/unparsed.js';
import { Badge } from '../parts/badge.js';
import { Failure } from '../parts/failure.js';
import { Field } from '../parts/field.js';
import { Panel } from '../parts/panel.js';
import { route } from '../route.js';

const fields = [
  { name: 'tool', label: 'Tool', required: true },
  { name: 'user', label: 'User' },
  { name: 'client', label: 'Client' },
  { name: 'tenant', label: 'Tenant' },
  { name: 'roles', label: 'Roles', hint: 'separated by spaces' },
  { name: 'scopes', label: 'Scopes', hint: 'separated by spaces' },
  { name: 'namespace', label: 'Namespace' },
] as const;

/** Asks what would become of a call, without calling anything; an address with a tool in it asks at once. */
export const Explain = () => {
  const { query } = route.value;
  const asked = query.toString();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [args, setArgs] = useState<unknown>(undefined);
  const [answer, setAnswer] = useState<Explanation | undefined>(undefined);
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const [running, setRunning] = useState(false);

  const explain = async (of: Readonly<Record<string, string>>): Promise<void> => {
    setRunning(true);
    setAnswer(undefined);
    setFailed(undefined);
    try {
      setAnswer(await request<Explanation>('/explain', { method: 'POST', body: questionOf(of, args) }));
    } catch (error) {
      setFailed(asApiError(error));
    } finally {
      setRunning(false);
    }
  };

  useEffect(() => {
    const given = Object.fromEntries(query);
    setValues(given);
    if (given['tool'] !== undefined) void explain(given);
  }, [asked]);

  return (
    <Panel title="Explain a decision">
      <form
        class="explain"
        onSubmit={(event) => {
          event.preventDefault();
          void explain(values);
        }}
      >
        <div class="inputs">
          {fields.map(({ name, label, ...more }) => (
            <Field
              key={name}
              id={`explain-${name}`}
              label={label}
              required={'required' in more}
              {...('hint' in more ? { hint: more.hint } : {})}
            >
              <input
                id={`explain-${name}`}
                required={'required' in more}
                autocomplete="off"
                spellcheck={false}
                {...('hint' in more ? { 'aria-describedby': `explain-${name}-note` } : {})}
                value={values[name] ?? ''}
                onInput={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
              />
            </Field>
          ))}
        </div>
        <details>
          <summary>Arguments</summary>
          <Field
            label="Arguments as JSON"
            id="explain-arguments"
            fault={args instanceof Unparsed ? 'This is not JSON' : undefined}
          >
            <JsonInput value={args} change={setArgs} common={{ id: 'explain-arguments' }} />
          </Field>
        </details>
        <p>
          <button type="submit" class="primary" disabled={running || args instanceof Unparsed}>
            {running ? 'Asking…' : 'Explain'}
          </button>{' '}
          <span class="quiet">Nothing is called.</span>
        </p>
      </form>
      <div role="status">{answer === undefined ? null : <Answer of={answer} />}</div>
      {failed === undefined ? null : <Failure error={failed} />}
    </Panel>
  );
};

const words = (text: string | undefined): readonly string[] | undefined => {
  const list = (text ?? '').split(/[\s,]+/).filter(Boolean);
  return list.length === 0 ? undefined : list;
};

const questionOf = (
  { tool, namespace, user, client, tenant, roles, scopes }: Readonly<Record<string, string>>,
  args: unknown,
) => ({
  method: 'tools/call',
  tool,
  ...(namespace === undefined || namespace === '' ? {} : { namespace }),
  ...(args === undefined ? {} : { arguments: args }),
  as: Object.fromEntries(
    Object.entries({ user, client, tenant, roles: words(roles), scopes: words(scopes) }).filter(
      ([, value]) => value !== undefined && value !== '',
    ),
  ),
});

const Answer = ({ of }: { readonly of: Explanation }) => (
  <div class="answer">
    <p class="verdict">
      <Badge word={of.allowed ? 'allowed' : 'refused'} tone={of.allowed ? 'ok' : 'warn'} />{' '}
      {of.answer === undefined ? null : (
        <>
          {of.answer.message} <code class="code">{of.answer.code}</code>
        </>
      )}
    </p>
    <ol class="steps">
      {of.steps.map(({ operator, outcome, detail, configuration }) => (
        <li key={operator} class={outcome}>
          <span class="step-name">
            <code>{operator}</code> <Badge word={outcome} />
          </span>
          <span>{detail}</span>
          {configuration === undefined ? null : (
            <span class="quiet">
              <code>{configuration.pointer}</code>
              {configuration.file === undefined
                ? null
                : ` · ${configuration.file}${configuration.line === undefined ? '' : `:${configuration.line}`}`}
            </span>
          )}
        </li>
      ))}
    </ol>
  </div>
);
