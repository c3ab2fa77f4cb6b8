/** A word of a rule. */
export interface Word {
  text: string;
  /** A word in quotes is a text, and never a number, `true`, or a word of the language. */
  quoted: boolean;
  /** Where it begins, counted from 1. */
  at: number;
}

/** What was wrong, and where, counted from 1. */
export interface SyntaxProblem {
  problem: string;
  at: number;
}

/** Blanks of other scripts look like those that part words, and do not: they are for quotes. */
const unquoted = /^[^ \t\r\n;"'\u00a0\u2000-\u200f\u2028-\u202f\u3000\ufeff]+/;

/**
 * The statements of a rule, which semicolons end, as words. A word is in quotes, double or single, where it has blanks,
 * semicolons or quotes in it; inside, `\"`, `\'` and `\\` stand for the second character.
 */
export function splitRule(text: string): Word[][] | SyntaxProblem {
  const statements: Word[][] = [];
  let words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const blanks = /^[ \t\r\n]+/.exec(rest);
    const word = unquoted.exec(rest);
    const quoted = /^"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|^'([^'\\]*(?:\\[\s\S][^'\\]*)*)'/.exec(rest);
    const found = blanks || word || quoted;
    if (found && !blanks && !/^(?:[ \t\r\n;]|$)/.test(rest.slice(found[0].length))) {
      return { problem: 'a quote, or a blank that is none, within a word', at: at + found[0].length + 1 };
    }
    if (word) {
      words.push({ text: word[0], quoted: false, at: at + 1 });
    } else if (quoted) {
      const inside = quoted[1] === undefined ? quoted[2] : quoted[1];
      words.push({ text: (inside as string).replace(/\\(["'\\])/g, '$1'), quoted: true, at: at + 1 });
    } else if (!found && rest.charAt(0) === ';') {
      if (words.length === 0) {
        return { problem: 'a ";" with nothing before it', at: at + 1 };
      }
      statements.push(words);
      words = [];
    } else if (!found) {
      return { problem: 'a quote without an end, or a blank that is none', at: at + 1 };
    }
    at += found ? found[0].length : 1;
  }
  return words.length === 0 ? statements : statements.concat([words]);
}
