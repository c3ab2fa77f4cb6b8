import { type Files, readFolder } from './staging';

/** Where the package keeps what belongs together: the script and the files that name its handlers. */
export const shared = '/usr/share/nginx-openid-connect';

/** The site of the package's user, made from the template once and left alone by upgrades. */
export const siteFile = '/etc/nginx/sites-available/openid_connect.conf';

const steps: Array<[RegExp, string]> = [
  [
    /^#\s+1\. nginx\.conf, first line:.*$/m,
    "#   1. Debian's nginx loads the module by itself; nginx.org's needs, first in nginx.conf,\n" +
      '#      load_module modules/ngx_http_js_module.so;',
  ],
  [
    /^#\s+3\. nginx -t && nginx -s reload.*$/m,
    `#   3. ln -s ${siteFile} /etc/nginx/conf.d/\n#   4. nginx -t && nginx -s reload`,
  ],
];

/**
 * The built files for open-source NGINX as the package has them: they find each other in /usr/share, and the site's
 * first lines say how it is enabled. Throws an Error when a template does not have what is changed.
 */
export function debFiles(dist: string): Files {
  const files = Object.entries(readFolder(dist)).filter(([path]) => !path.startsWith('plus/'));
  return Object.fromEntries(files.map(([path, text]) => [path, placed(path, text.toString())]));
}

function placed(path: string, text: string): string {
  const moved = text.replace(/\bconf\.d\/(?=openid_connect)/g, `${shared}/`);
  if (path !== 'frontend.conf') return moved;
  if (moved === text) throw new Error('frontend.conf names no file of conf.d/');
  return steps.reduce((site, [pattern, replacement]) => {
    if (!pattern.test(site)) throw new Error(`frontend.conf has nothing like ${pattern}`);
    return site.replace(pattern, replacement);
  }, moved);
}
