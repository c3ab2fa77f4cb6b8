import type { InjectionKey } from 'vue';

/** The address of a provider's page, where there are other pages beside the helper. */
export const providerPage: InjectionKey<(name: string) => string> = Symbol('the page of a provider');
