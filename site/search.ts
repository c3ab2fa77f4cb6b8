import type { DefaultTheme } from 'vitepress';

/**
 * How the site's search, which runs in the browser, reads pages and questions. The functions go to the browser as text:
 * each must be whole in itself.
 */
export const search: DefaultTheme.LocalSearchOptions = {
  detailedView: true,
  miniSearch: {
    options: {
      // Questions are typed as sentences. Words that say nothing do not count, nor does the s of a plural.
      processTerm: (term: string) => {
        const word = term.toLowerCase();
        const empty =
          / (?:a|an|the|is|are|be|been|do|does|did|i|my|we|our|you|your|it|its|to|of|in|on|at|by|for|from|with|and|or|but|if|as|this|that|there|how|what|when|where|which|who|why|can|could|should|would|will|get|gets|got|have|has|had|not|no|use|using|want|need) /;
        if (empty.test(` ${word} `)) return null;
        return word.length > 3 ? word.replace(/([^s])s$/, '$1') : word;
      },
    },
    searchOptions: {
      fuzzy: 0.15,
      // Somebody who asks wants to do something; what explains the reasons and the measurements comes after.
      boostDocument: (id: string) => {
        if (/\/(?:decisions|performance|conformance|changelog|contributing|architecture|migrating)\.html/.test(id))
          return 0.3;
        return /\/(?:faq|troubleshooting)\.html/.test(id) ? 1.25 : 1;
      },
    },
  },
};
