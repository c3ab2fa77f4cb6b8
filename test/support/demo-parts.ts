import { startApplication as startHere } from '../../demo/application';
import { type ProviderOptions, startProvider as startProviderHere } from '../../demo/provider';
import { applicationHost, hosts, providerHost } from './hosts';
import { startRemotely } from './remote/remote';

export { demoClient, type RunningProvider } from '../../demo/provider';

/** The demo's provider, in the container for it where there is one. */
export const startProvider: typeof startProviderHere = async (options: ProviderOptions) =>
  hosts[providerHost] ? startRemotely(providerHost, 'certified', options) : startProviderHere(options);

/** The demo's application, likewise. */
export const startApplication: typeof startHere = async (options) =>
  hosts[applicationHost] ? startRemotely(applicationHost, 'demo', options) : startHere(options);
