import { useEffect, useRef, useState } from 'preact/hooks';
import { views } from '../views.js';

const key = 'sluice.shortcuts';
/** A `g` waits so long for the letter that follows it. */
const waitMs = 1500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** The keys of the console, and the dialog that names them and can switch them off. */
export const Shortcuts = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, setOn] = useState(localStorage.getItem(key) !== 'off');
  useEffect(() => {
    let waitingUntil = 0;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') return void dialog.current?.showModal();
      if (!on || dialog.current?.open === true) return;
      if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]');
        if (search === null) return;
        event.preventDefault();
        search.focus();
        search.select();
      } else if (event.key === 'g') waitingUntil = event.timeStamp + waitMs;
      else if (event.timeStamp < waitingUntil) {
        waitingUntil = 0;
        const view = views.find((one) => one.key === event.key);
        if (view !== undefined) location.hash = `#/${view.path}`;
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [on]);
  const toggle = (next: boolean): void => {
    setOn(next);
    localStorage.setItem(key, next ? 'on' : 'off');
  };
  return (
    <dialog ref={dialog} aria-labelledby="shortcuts">
      <h2 id="shortcuts">Keyboard</h2>
      <dl class="keys">
        {views.map((view) => (
          <div key={view.key}>
            <dt>
              <kbd>g</kbd> <kbd>{view.key}</kbd>
            </dt>
            <dd>{view.name}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>Search</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>This list</dd>
        </div>
      </dl>
      <label class="check">
        <input type="checkbox" checked={on} onChange={({ currentTarget }) => toggle(currentTarget.checked)} />
        Use these keys
      </label>
      <p>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  );
};
