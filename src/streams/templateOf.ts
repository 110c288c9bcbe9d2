import type { TemplateEntry } from './slice.js';
import type { View } from './view.js';

/** The first resource template that a URI fits, of a server that lets this caller have it. */
export const templateOf = (view: View, uri: string): TemplateEntry | undefined => {
  for (const template of view.templates.values())
    if (template.matches(uri) && view.mayRead(template.server, uri)) return template;
  return undefined;
};
