import type { ComponentChildren } from 'preact';

interface FieldProps {
  readonly label: string;
  /** `id` of what is labelled. */
  readonly id: string;
  readonly required?: boolean;
  readonly hint?: string;
  readonly fault?: string | undefined;
  readonly children: ComponentChildren;
}

/** A labelled place for input; a hint and a fault are found by `ID-note`. */
export const Field = ({ label, id, required = false, hint, fault, children }: FieldProps) => (
  <div class={`field${fault === undefined ? '' : ' faulty'}`}>
    <label for={id}>
      {label}
      {required ? <span class="required"> required</span> : null}
    </label>
    {children}
    {hint === undefined && fault === undefined ? null : (
      <p id={`${id}-note`} class="note">
        {fault === undefined ? hint : <strong class="fault">{fault}</strong>}
      </p>
    )}
  </div>
);
