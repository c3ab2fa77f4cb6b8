import { createApp } from 'vue';
import ConfigurationHelper from './ConfigurationHelper.vue';

createApp(ConfigurationHelper).mount('#helper');
