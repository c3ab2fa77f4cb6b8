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

export default defineConfig({
  title: 'OpenID Connect for NGINX',
  description: 'Single sign-on for any application behind NGINX, in three text files',
  lang: 'en',
  srcDir: 'source',
  // The path that the site is served under, with "/" at both ends.
  base: process.env.DOCS_BASE ?? '/',
  // Anchors as repository browsers make them, so that a link is right in both places.
  markdown: { anchor: { slugify: (heading) => slug(heading) } },
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
