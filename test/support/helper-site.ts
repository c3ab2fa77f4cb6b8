import type { Nginx, Target } from '../../scripts/nginx/target';
import type { Choices } from '../../site/helper/choices';
import { type Answer, linesFor, type Templates } from '../../site/helper/lines';
import { loadLines } from './configuration-test';
import { shipped, shippedTexts } from './site';

export const shippedTemplates = (): Templates => ({
  frontend: shipped('frontend.conf'),
  server: shipped('openid_connect.server_conf'),
  storeConf: shipped('openid_connect.store_conf'),
  storeLocation: shipped('openid_connect.store_location'),
});

/** The target that stands for each kind of NGINX. NGINX Plus gets lines without an engine: those of B. */
export const targetOf: Record<Choices['nginx'], Target> = {
  'debian-13': 'A',
  debian: 'C',
  'nginx.org': 'C',
  plus: 'B',
};

/** The helper's answer. Throws an Error for choices that it refuses. */
export function answerTo(choices: Choices): Answer {
  const result = linesFor(choices, shippedTemplates());
  if ('problems' in result) throw new Error(`the helper refuses: ${JSON.stringify(result.problems)}`);
  return result.answer;
}

/** The answer as NGINX reads it: lines of nginx.conf, and files below the prefix. */
export function installed(
  nginx: Nginx,
  choices: Choices,
  answer: Answer,
): { main: string; files: Record<string, string> } {
  const texts = Object.fromEntries(answer.files.map(({ file, text }) => [file, text]));
  const { 'nginx.conf': lines = '', ...files } = texts;
  const names = copied(answer);
  const scripts = names.filter((name) => name !== 'openid_connect.texts');
  const isDebian = choices.nginx.startsWith('debian');
  const byPackages = isDebian ? ['ngx_http_js_module'] : [];
  if (choices.store !== '') byPackages.push('ngx_stream_module', ...(isDebian ? ['ngx_stream_js_module'] : []));
  return {
    main: loadLines(nginx, byPackages) + lines,
    files: {
      ...files,
      ...Object.fromEntries(scripts.map((name) => [`conf.d/${name}`, shipped(name)])),
      ...(scripts.length < names.length ? shippedTexts() : {}),
    },
  };
}

/** The shipped files that the answer's commands copy. */
function copied({ commands }: Answer): string[] {
  const [, names = ''] = /^cp -r (.+) \/etc\/nginx\/conf\.d\/$/m.exec(commands) ?? [];
  return names.split(' ');
}
