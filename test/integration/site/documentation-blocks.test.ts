import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { configureSite } from '../../../scripts/site/configure';
import { pageFiles, root } from '../../../site/pages';
import { createCertificates } from '../../support/certificates';
import { loadLines, refusal } from '../../support/configuration-test';
import { type Block, type Context, nginxBlocks } from '../../support/documentation-blocks';
import { onEachTarget } from '../../support/nginx';
import { withInside } from '../../support/recipes';
import { shipped } from '../../support/site';

const pages = pageFiles()
  .map((file) => ({ file, blocks: nginxBlocks(file).filter(({ context }) => context !== 'not-loaded') }))
  .filter(({ blocks }) => blocks.length > 0);

it('there are pages with blocks of configuration', () => {
  expect(pages.length).toBeGreaterThan(10);
});

onEachTarget('the configuration in the documentation', (nginx) => {
  let files: Record<string, string>;
  beforeAll(() => {
    const { folder, authority } = createCertificates(['client']);
    const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
    files = { 'oidc/client.crt': read('client.pem'), 'oidc/client.key': read('client.key'), 'our-ca.pem': authority };
  });

  /** What `nginx -t` says to blocks of one heading, in the shipped files. */
  function said(blocks: Block[]): string {
    const textOf = (context: Context) =>
      blocks
        .filter((block) => block.context === context)
        .map(({ text }) => withAddresses(text))
        .join('\n');
    const engine = nginx.target === 'A' || nginx.target === 'P' ? false : nginx.engine;
    const frontend = configureSite(shipped('frontend.conf'), { jsEngine: engine, accessLog: false });
    const withLines = frontend.replace(
      /^( *)(?=proxy_pass http:\/\/my_backend;)/m,
      (indent) => indent + textOf('location'),
    );
    const main = textOf('main');
    const storeConf = shipped('openid_connect.store_conf').replace(
      /^ *js_engine .*\n/m,
      engine ? `js_engine ${engine};\n` : '',
    );
    return refusal({
      nginx,
      // What else such lines load is part of the binary in some packages.
      main: main === '' ? '' : loadedOnce(main, loadLines(nginx, ['ngx_stream_module', 'ngx_stream_js_module'])),
      http: `${textOf('http')}\ninclude conf.d/frontend.conf;`,
      files: {
        ...files,
        ...shippedFiles(),
        'conf.d/frontend.conf': withInside(withLines, textOf('server')),
        'conf.d/openid_connect.server_conf': replacing(shipped('openid_connect.server_conf'), textOf('server_conf')),
        'conf.d/openid_connect.store_conf': replacing(storeConf, textOf('store_conf')),
      },
    });
  }

  it.each(pages)(
    '$file is taken by nginx -t',
    ({ blocks }) => {
      const headings = [...new Set(blocks.map(({ heading }) => heading))];
      for (const heading of headings) {
        const own = blocks.filter((block) => block.heading === heading);
        const needed = blocks.filter((block) => own.some(({ needs }) => needs === block.heading));
        const stream = own.some(({ context }) => context === 'store_conf') ? [streamPart] : [];
        const places = own.map(({ place, context }) => `${place} (as ${context})`).join(', ');
        expect(said([...stream, ...needed, ...own]), `${places}; the words behind "nginx" say where it goes`).toBe('');
      }
    },
    120_000,
  );

  it('is not taken with a mistake in it', () => {
    const mistake =
      '```nginx\nset $oidc_issuer "https://idp.example.com"\n```\n```nginx http\nno_such_directive;\n```\n';
    const [first, second] = nginxBlocks('mistake.md', mistake);
    expect(first && said([first])).toMatch(/emerg/);
    expect(second && said([second])).toMatch(/unknown directive "no_such_directive"/);
  });
});

/** All that is copied to conf.d. */
function shippedFiles(): Record<string, string> {
  const names = readdirSync(`${root}dist`).filter((name) =>
    /\.(?:js|conf|server_conf|store_conf|store_location)$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [`conf.d/${name}`, shipped(name)]));
}

/** The store's part of nginx.conf, for blocks that change its file. */
const streamPart: Block = {
  place: '',
  heading: '',
  context: 'main',
  reason: '',
  needs: '',
  text: 'include conf.d/openid_connect.store_conf;\n',
};

/** NGINX looks up names when it starts: those of examples are nowhere. */
function withAddresses(text: string): string {
  return text.replace(/(proxy_pass https?:\/\/)[a-z.]*example\.com/g, '$1127.0.0.1');
}

/** Lines put in place of those that begin with the same word, or two for `set`; the first of them is the place. */
function replacing(conf: string, lines: string): string {
  if (lines.trim() === '') return conf;
  const beginnings = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => (/^\s*(set \S+|\S+)/.exec(line)?.[1] ?? '').replace(/\$/g, '\\$'));
  const alike = new RegExp(`^ *(?:${beginnings.join('|')})\\s.*\\n`, 'm');
  if (!alike.test(conf)) throw new Error(`no line of the file begins like ${lines}`);
  const [at] = [conf.search(alike)];
  const rest = conf.slice(at).replace(new RegExp(alike.source, 'gm'), '');
  return `${conf.slice(0, at)}${lines}\n${rest}`;
}

/** The block's own load_module lines count, the binary's other modules come before. */
function loadedOnce(main: string, lines: string): string {
  const missing = lines.split('\n').filter((line) => !main.includes(line.replace(/^.*\//, '').replace('";', '')));
  return `${missing.join('\n')}\n${main}`;
}
