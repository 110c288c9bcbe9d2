import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Field } from './field.js';

interface FilterInputProps {
  readonly label: string;
  /** It is what `/` leads to. */
  readonly search?: boolean;
  readonly value: string;
  readonly change: (text: string) => void;
}

/** As long as somebody types, nothing is asked. */
const pauseMs = 180;

/** A place to type what is looked for; tells when typing pauses. */
export const FilterInput = ({ label, search = false, value, change }: FilterInputProps) => {
  const id = useId();
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    // From outside: a link, the button back.
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      change(text);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Field label={label} id={id}>
      <input
        id={id}
        type="search"
        data-search={search ? '' : undefined}
        placeholder={search ? undefined : 'any'}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </Field>
  );
};
