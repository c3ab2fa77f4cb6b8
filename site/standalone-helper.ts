import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { compileScript, parse } from 'vue/compiler-sfc';
import { root } from './pages';

/** The configuration helper as one file that opens from a disk, and that the browser keeps from sending anything. */
export async function standaloneHelper(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}site/helper/standalone.ts`],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    plugins: [components],
  });
  const script = `${outputFiles[0]?.text.trim()}`;
  const style = ['standalone.css', 'helper.css']
    .map((name) => readFileSync(`${root}site/helper/${name}`, 'utf8'))
    .join('');
  const only = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${only(script)}; style-src ${only(style)}; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Configuration helper: OpenID Connect for NGINX</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Configuration helper</h1>
<p>Choose what you have and what you want, and copy the files. This page sends nothing to anybody.</p>
<div id="helper"></div>
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** What Vite does for the site: single-file components, and files as text. */
const components: Plugin = {
  name: 'components',
  setup(bundle) {
    bundle.onLoad({ filter: /\.vue$/ }, ({ path }) => {
      const { descriptor, errors } = parse(readFileSync(path, 'utf8'), { filename: path });
      if (errors[0]) throw errors[0];
      const { content } = compileScript(descriptor, { id: path, inlineTemplate: true });
      return { contents: content, loader: 'ts', resolveDir: dirname(path) };
    });
    bundle.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace(/\?raw$/, '')),
      namespace: 'raw',
    }));
    bundle.onLoad({ filter: /./, namespace: 'raw' }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }));
  },
};
