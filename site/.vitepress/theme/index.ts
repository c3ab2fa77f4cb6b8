import type { Theme } from 'vitepress';
import { withBase } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import ConfigurationHelper from '../../helper/ConfigurationHelper.vue';
import '../../helper/helper.css';
import { providerPage } from '../../helper/provider-page';
import './style.css';

const protectedLocation = `location / {
    auth_request /_oidc_auth;
    error_page 401 = @do_oidc_flow;

    proxy_set_header X-Email $oidc_claim_email;
    proxy_pass http://my_backend;
}`;

export default {
  extends: DefaultTheme,
  Layout: () =>
    h(DefaultTheme.Layout, null, {
      'home-hero-image': () => h('pre', { class: 'hero-code', tabindex: 0 }, h('code', protectedLocation)),
    }),
  enhanceApp: ({ app }) => {
    app.component('ConfigurationHelper', ConfigurationHelper);
    app.provide(providerPage, (name) => withBase(`/providers/${name}.html`));
  },
} satisfies Theme;
