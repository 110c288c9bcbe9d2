import { useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api/apiError.js';
import { asApiError } from '../api/asApiError.js';
import type { Findings } from '../api/contract.js';
import { request } from '../api/request.js';
import { Badge } from '../parts/badge.js';
import { Failure } from '../parts/failure.js';
import { Panel } from '../parts/panel.js';

/** Checks a configuration as `sluice check` does, and leads to the lines of what it finds. */
export const CheckConfiguration = ({ text: initial }: { readonly text: string }) => {
  const [text, setText] = useState(initial);
  const [found, setFound] = useState<Findings | undefined>(undefined);
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const [running, setRunning] = useState(false);
  const editor = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split('\n');
  const marked = new Set(found?.findings.map(({ line }) => line));

  const check = async (): Promise<void> => {
    setRunning(true);
    setFound(undefined);
    setFailed(undefined);
    try {
      setFound(await request<Findings>('/configuration/check', { method: 'POST', body: { text } }));
    } catch (error) {
      setFailed(asApiError(error));
    } finally {
      setRunning(false);
    }
  };
  const goTo = (line: number): void => {
    const from = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    const place = editor.current;
    if (place === null) return;
    place.focus();
    place.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    place.scrollTop = (place.scrollHeight / lines.length) * Math.max(0, line - 5);
  };

  return (
    <Panel title="Check a text">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void check();
        }}
      >
        <label for="configuration-text">Configuration in YAML</label>
        <div class="editor">
          <div ref={gutter} class="gutter" aria-hidden="true">
            {lines.map((_, index) => (
              <span key={index} class={marked.has(index + 1) ? 'marked' : ''}>
                {index + 1}
              </span>
            ))}
          </div>
          <textarea
            ref={editor}
            id="configuration-text"
            class="code-input"
            rows={16}
            wrap="off"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onScroll={({ currentTarget }) => {
              if (gutter.current !== null) gutter.current.scrollTop = currentTarget.scrollTop;
            }}
          />
        </div>
        <p>
          <button type="submit" class="primary" disabled={running || text.trim() === ''}>
            {running ? 'Checking…' : 'Check'}
          </button>{' '}
          <span class="quiet">Nothing is changed.</span>
        </p>
      </form>
      <div role="status">{found === undefined ? null : <Found of={found} goTo={goTo} />}</div>
      {failed === undefined ? null : <Failure error={failed} />}
    </Panel>
  );
};

const Found = ({ of, goTo }: { readonly of: Findings; readonly goTo: (line: number) => void }) => (
  <>
    <p class="verdict">
      {of.ok ? <Badge word="valid" tone="ok" /> : <Badge word="not valid" tone="bad" />}
      {of.findings.length === 0 ? ' Nothing to remark.' : ` ${of.findings.length} to look at`}
    </p>
    <ul class="findings">
      {of.findings.map(({ severity, pointer, line, column, message, remedy }, index) => (
        <li key={index}>
          <Badge word={severity} />
          {line === undefined ? null : (
            <button type="button" class="small" onClick={() => goTo(line)}>
              Line {line}
              {column === undefined ? '' : `:${column}`}
            </button>
          )}
          <span>
            {message} {pointer === undefined ? null : <code>{pointer}</code>}
            {remedy === undefined ? null : <span class="quiet"> {remedy}</span>}
          </span>
        </li>
      ))}
    </ul>
  </>
);
