/** JSON as it is, indented; it can be scrolled with the keyboard. */
export const Json = ({ of, label }: { readonly of: unknown; readonly label: string }) => (
  <pre class="json" tabIndex={0} role="group" aria-label={label}>
    {typeof of === 'string' ? of : JSON.stringify(of, undefined, 2)}
  </pre>
);
