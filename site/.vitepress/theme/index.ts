import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import ConfigurationHelper from '../../helper/ConfigurationHelper.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component('ConfigurationHelper', ConfigurationHelper);
  },
} satisfies Theme;
