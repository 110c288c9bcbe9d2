import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.js';

interface ViewProps {
  readonly title: string;
  /** A sentence beneath the title. */
  readonly about?: ComponentChildren;
  /** To the right of the title. */
  readonly actions?: ComponentChildren;
  /** Where this view is a part of: one step up. */
  readonly up?: { readonly href: string; readonly name: string };
  readonly children: ComponentChildren;
}

/** The first view is where the browser put the reader; every later one takes the focus to its heading. */
let first = true;

/** A view: its heading, which takes the focus so that a screen reader says where one is, and what is beneath. */
export const View = ({ title, about, actions, up, children }: ViewProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Sluice`;
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
    scrollTo(0, 0);
  }, [title]);
  return (
    <div class="view">
      <header class="view-head">
        <div>
          {up === undefined ? null : (
            <a class="up" href={up.href}>
              <Icon name="back" /> {up.name}
            </a>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {about === undefined ? null : <p class="about">{about}</p>}
        </div>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
};
