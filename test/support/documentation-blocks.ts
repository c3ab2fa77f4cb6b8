import { readFileSync } from 'node:fs';
import MarkdownIt from 'markdown-it';
import { root } from '../../site/pages';

/**
 * Where a block of NGINX configuration goes, by the words behind "nginx" in its first line:
 *
 *     ```nginx                         the site's server {} in frontend.conf; a `location /` takes the place of the shipped one
 *     ```nginx location                a protected location of it
 *     ```nginx http                    http {}
 *     ```nginx main                    the top of nginx.conf
 *     ```nginx server_conf             openid_connect.server_conf, in place of lines that begin alike
 *     ```nginx store_conf              the server {} of openid_connect.store_conf, in place of lines that begin alike
 *     ```nginx not-loaded="reason"     nowhere: why it cannot be loaded
 *
 * `with="A heading"` adds what stands below another heading of the page. docs/recipes.md says it in words, too.
 */
export const contexts = ['server', 'location', 'http', 'main', 'server_conf', 'store_conf'] as const;
export type Context = (typeof contexts)[number];

export interface Block {
  /** for people: docs/apis.md:12 */
  place: string;
  /** the heading above it */
  heading: string;
  context: Context | 'not-loaded';
  /** why it is not loaded */
  reason: string;
  /** another heading whose blocks it needs */
  needs: string;
  text: string;
}

const parser = new MarkdownIt();

/** The NGINX blocks of a page. Throws an Error that names a block whose mark nobody understands. */
export function nginxBlocks(file: string, page = readFileSync(root + file, 'utf8')): Block[] {
  const tokens = parser.parse(page, {});
  let heading = '';
  return tokens.flatMap((token, index) => {
    if (token.type === 'heading_open') heading = tokens[index + 1]?.content ?? '';
    if (token.type !== 'fence' || !/^nginx\b/.test(token.info)) return [];
    const place = `${file}:${(token.map?.[0] ?? 0) + 1}`;
    const before = tokens.slice(0, index).findLast(({ type }) => type === 'inline')?.content ?? '';
    return [{ place, heading, ...markOf(token.info, before, place), text: token.content }];
  });
}

function markOf(info: string, before: string, place: string): Pick<Block, 'context' | 'reason' | 'needs'> {
  const [, word = '', reason = '', needs = ''] =
    /^nginx(?: (?!with=)([\w-]+)(?:="([^"]+)")?)?(?: with="([^"]+)")?$/.exec(info.trim()) ?? [];
  const outside = /(?:^|\n)Outside `server \{\}`[^\n]*:$/.test(before) ? 'http' : 'server';
  const context = word === '' ? outside : word;
  const isKnown = contexts.some((one) => one === context) || (context === 'not-loaded' && reason !== '');
  if (!isKnown || (info.trim() !== 'nginx' && word + needs === '')) {
    throw new Error(
      `${place}: \`\`\`${info}: after "nginx" goes one of ${contexts.join(', ')}, or not-loaded="why", or nothing for the site's server {}`,
    );
  }
  return { context: context as Block['context'], reason, needs };
}
