import type { Nginx } from '../../scripts/nginx/target';
import { type Site, type SiteOptions, startSite } from './site';

/** A provider as the configuration of a site names it. */
export interface Named {
  issuer: string;
  client: { id: string; secret?: string };
  /** more settings of this one, without `$oidc_` */
  more?: Record<string, string>;
}

export interface SeveralOptions extends Omit<SiteOptions, 'issuer'> {
  nginx: Nginx;
  /** by name, in their order */
  providers: Record<string, Named>;
  /** how a request's provider is told: lines of http{} that define $oidc_provider */
  choice?: string;
}

/** The provider that the person chose. */
export const byChoice = 'map $cookie_oidc_provider $oidc_provider { default $cookie_oidc_provider; }\n';

/** The maps that the settings of several providers are. */
export function mapsOf(providers: Record<string, Named>, line = 'volatile;'): string {
  const settings: Record<string, Record<string, string>> = {};
  for (const [name, { issuer, client, more }] of Object.entries(providers)) {
    const all = { issuer, client: client.id, client_secret: client.secret ?? '', ...more };
    for (const [setting, value] of Object.entries(all)) {
      settings[setting] = { ...settings[setting], [name]: value };
    }
  }
  return Object.entries(settings)
    .map(([setting, values]) => {
      const lines = Object.entries(values).map(([name, value]) => `    ${name} "${value}";`);
      return `map $oidc_provider $oidc_${setting} {\n    ${line}\n${lines.join('\n')}\n}\n`;
    })
    .join('');
}

/** A site with several providers: the shipped files, their lines for one provider replaced by maps. */
export function startSiteWithProviders(options: SeveralOptions): Promise<Site> {
  const { providers, choice = byChoice, http = '', changes = {}, editFrontend = (conf: string) => conf } = options;
  return startSite({
    ...options,
    issuer: 'https://none.example',
    http: `${choice}${mapsOf(providers)}${http}`,
    changes: { ...changes, alsoSet: { oidc_providers: Object.keys(providers).join(' '), ...changes.alsoSet } },
    editFrontend: (conf) => editFrontend(conf.replace(/^ *set \$oidc_(?:issuer|client|client_secret) .*\n/gm, '')),
  });
}
