/**
 * `$` in a regular expression without the flag `m` becomes `(?![^])`: nothing follows. The njs engine hands `$` on to PCRE,
 * where it also stands before a line break that ends the text, so that /^[a-z]+$/ would let one pass.
 */
export function endOfText() {
  return {
    visitor: {
      RegExpLiteral({ node }) {
        if (!node.flags.includes('m')) {
          node.pattern = node.pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\$/g, (part) =>
            part === '$' ? '(?![^])' : part,
          );
        }
      },
    },
  };
}
