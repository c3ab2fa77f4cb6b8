import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { completeNavigation } from '../navigation';
import { pageFiles, sitePath } from '../pages';
import { search } from '../search';
import { settingsPages } from '../settings-pages';

const sidebar = completeNavigation(pageFiles(), settingsPages()).map(({ title, pages }) => ({
  text: title,
  collapsed: title === 'Providers',
  items: pages.map(({ file, title: text }) => ({ text: text ?? sitePath(file), link: `/${sitePath(file)}` })),
}));

/** A lock, in the page itself. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#3451b2" stroke-width="2.4"><rect x="4" y="10" width="16" height="11" rx="2"/><path d="M8 10V7a4 4 0 0 1 8 0v3"/></svg>',
)}`;

export default defineConfig({
  title: 'OpenID Connect for NGINX',
  description: 'Single sign-on for any application behind NGINX, in three text files',
  lang: 'en',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: icon }]],
  srcDir: 'source',
  outDir: '../dist-site',
  // The path that the site is served under, with "/" at both ends.
  base: process.env.DOCS_BASE ?? '/',
  // Anchors as repository browsers make them, so that a link is right in both places.
  markdown: {
    anchor: { slugify: (heading) => slug(heading) },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 }, logLevel: 'warn' },
  themeConfig: {
    nav: [
      { text: 'Get started', link: '/get-started' },
      { text: 'Helper', link: '/helper' },
      { text: 'Providers', link: '/providers/' },
      { text: 'Recipes', link: '/recipes' },
      { text: 'Reference', link: '/configuration' },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local', options: search },
    footer: { message: 'Apache License 2.0' },
  },
});
