/** Tool search in place of long lists. */
import { Type } from '@sinclair/typebox';
import { maxResults } from '../../protocol/search/searchTools.js';
import { globs } from './kinds.js';
import { section } from './section.js';

/** @param where it holds, for the description */
export const toolSearch = (where: string) =>
  section(
    `A tool that finds tools and one that calls them, in place of a long list of tools${where} (docs/tool-search.md).`,
    {
      over: Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'How many tools a caller may see listed one by one; where there are more, it gets the two. Default: 100.',
      }),
      results: Type.Integer({
        minimum: 1,
        maximum: maxResults,
        description: 'How many tools a search gives, unless it asks for another number. Default: 10.',
      }),
      always: globs('Tools that are listed all the same, by exposed name.'),
    },
  );
