import type { DefaultTheme } from 'vitepress';

/** How the site's search, which runs in the browser, reads pages and questions. */
export const search: DefaultTheme.LocalSearchOptions = {
  detailedView: true,
};
