/** A page of the navigation: a file of the repository, or one that the site makes (`helper.md`, `settings/...`). */
export interface Entry {
  file: string;
  /** where the page's own heading is too long for the list */
  title?: string;
}

export interface Section {
  title: string;
  pages: Entry[];
}

const provider = (name: string, title: string): Entry => ({ file: `docs/providers/${name}.md`, title });

/**
 * What stands in the side bar, in this order. Each page of docs/ stands in one section: a new one is a line here. A page
 * that nobody has put anywhere comes last, under "More", and a test names it.
 */
export const navigation: Section[] = [
  {
    title: 'Get started',
    pages: [
      { file: 'README.md', title: 'Try it, install it' },
      { file: 'helper.md', title: 'Configuration helper' },
      { file: 'docs/how-it-works.md', title: 'How a sign-in goes' },
      { file: 'docs/faq.md', title: 'Questions and answers' },
      { file: 'docs/containers.md', title: 'Containers' },
      { file: 'docs/migrating.md', title: 'From nginx-openid-connect' },
    ],
  },
  {
    title: 'Providers',
    pages: [
      { file: 'docs/providers/README.md', title: 'All of them' },
      provider('cognito', 'Amazon Cognito'),
      provider('auth0', 'Auth0'),
      provider('entra-id', 'Microsoft Entra ID'),
      provider('google', 'Google'),
      provider('keycloak', 'Keycloak'),
      provider('okta', 'Okta'),
      provider('ad-fs', 'AD FS'),
      provider('authelia', 'Authelia'),
      provider('dex', 'Dex'),
      provider('gitlab', 'GitLab'),
      provider('lemonldap-ng', 'LemonLDAP::NG'),
      provider('onelogin', 'OneLogin'),
      provider('ping', 'Ping'),
      provider('zitadel', 'Zitadel'),
    ],
  },
  {
    title: 'Access',
    pages: [
      { file: 'docs/recipes.md', title: 'Recipes' },
      { file: 'docs/apis.md', title: 'APIs and MCP servers' },
      { file: 'docs/several-providers.md', title: 'Several providers' },
      { file: 'docs/forms-and-scripts.md', title: 'Forms, fetch and #' },
    ],
  },
  {
    title: 'Sessions',
    pages: [
      { file: 'docs/many-machines.md', title: 'Many machines' },
      { file: 'docs/sign-out.md', title: 'Sign-out' },
      { file: 'docs/pages.md', title: "Pages in people's language" },
    ],
  },
  {
    title: 'High security',
    pages: [
      { file: 'docs/high-security.md', title: 'FAPI 2.0, keys, certificates' },
      { file: 'docs/proof-of-possession.md', title: 'Proof of possession' },
      { file: 'docs/encrypted-tokens.md', title: 'Encrypted tokens' },
      { file: 'docs/eddsa.md', title: 'EdDSA' },
      { file: 'docs/registration.md', title: 'Registration by a command' },
    ],
  },
  {
    title: 'Operation',
    pages: [
      { file: 'docs/troubleshooting.md', title: 'Troubleshooting' },
      { file: 'docs/monitoring/README.md', title: 'Monitoring' },
      { file: 'docs/audit-log.md', title: 'Audit log' },
      { file: 'docs/hardening.md', title: 'Hardening NGINX' },
      { file: 'docs/upgrading.md', title: 'Upgrading' },
      { file: 'CHANGELOG.md', title: 'Changes' },
    ],
  },
  { title: 'Reference', pages: [{ file: 'docs/configuration.md', title: 'Configuration' }] },
  {
    title: 'Why it is so',
    pages: [
      { file: 'docs/architecture.md', title: 'Architecture' },
      { file: 'docs/decisions.md', title: 'Decisions' },
      { file: 'SECURITY.md', title: 'Security' },
      { file: 'docs/threat-model.md', title: 'Threat model' },
      { file: 'docs/performance.md', title: 'Performance' },
      { file: 'docs/conformance.md', title: 'Conformance' },
      { file: 'CONTRIBUTING.md', title: 'Contributing' },
    ],
  },
];

/** The sections, the pages of the settings added to "Reference", and what stands nowhere under "More". */
export function completeNavigation(files: string[], settings: Entry[]): Section[] {
  const sections = navigation.map(({ title, pages }) => ({
    title,
    pages: title === 'Reference' ? [...pages, ...settings] : pages,
  }));
  const more = unlisted(files).map((file) => ({ file }));
  return more.length > 0 ? [...sections, { title: 'More', pages: more }] : sections;
}

/** The files that stand in no section. */
export function unlisted(files: string[]): string[] {
  const listed = navigation.flatMap(({ pages }) => pages.map(({ file }) => file));
  return files.filter((file) => !listed.includes(file));
}
