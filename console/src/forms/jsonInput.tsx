import { useState } from 'preact/hooks';
import { Unparsed } from './unparsed.js';

interface JsonInputProps {
  readonly value: unknown;
  readonly change: (value: unknown) => void;
  readonly common: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** A place for JSON; what is typed stays as it is, whether it can be read yet or not. */
export const JsonInput = ({ value, change, common }: JsonInputProps) => {
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, undefined, 2)));
  return (
    <textarea
      {...common}
      class="code-input"
      rows={Math.min(20, Math.max(3, text.split('\n').length))}
      spellcheck={false}
      placeholder="JSON"
      value={text}
      onInput={({ currentTarget }) => {
        setText(currentTarget.value);
        change(parse(currentTarget.value));
      }}
    />
  );
};

const parse = (text: string): unknown => {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new Unparsed(text);
  }
};
