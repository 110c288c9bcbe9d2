import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Field } from './field.js';

interface SearchInputProps {
  readonly label: string;
  readonly value: string;
  readonly change: (text: string) => void;
}

/** As long as somebody types, nothing is asked. */
const pauseMs = 180;

/** A place to search in, reached by `/`; tells when typing pauses. */
export const SearchInput = ({ label, value, change }: SearchInputProps) => {
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
        data-search
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </Field>
  );
};
