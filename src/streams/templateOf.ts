import type { TemplateEntry, View } from './view.js';

/** The first resource template that a URI fits. */
export const templateOf = (view: View, uri: string): TemplateEntry | undefined => {
  for (const template of view.templates.values()) if (template.matches(uri)) return template;
  return undefined;
};
