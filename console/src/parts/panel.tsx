import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** Without a margin around what is in it: for tables. */
  readonly flush?: boolean;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A part of a view, named by its heading. */
export const Panel = ({ title, actions, flush = false, wide = false, children }: PanelProps) => {
  const id = useId();
  return (
    <section class={`panel${flush ? ' flush' : ''}${wide ? ' wide' : ''}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
};
