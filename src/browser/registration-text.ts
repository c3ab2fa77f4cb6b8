import type { Registration } from '../protocol/registration-response';

/** What a registration means for the configuration: lines to paste, and what else is to know. */
export interface RegistrationReport {
  readonly registration: Registration;
  readonly issuer: string;
  /** Of several providers, its name; ''. */
  readonly provider: string;
  readonly redirectUri: string;
  /** Of `/_oidc_register`, as it was asked. */
  readonly address: string;
}

/** For a terminal. It holds secrets. */
export function registrationText(report: RegistrationReport): string {
  const { registration, issuer, provider, redirectUri, address } = report;
  const { secretExpires, management, differences } = registration;
  const settings = Object.entries(settingsOf(registration));
  const lines = [
    `# Registered at ${issuer}. ${provider ? `In the maps of $oidc_provider, for ${provider}` : 'In frontend.conf, in place of the lines that are there'}:`,
    ...settings.map(([name, value]) => `set $${name} ${quoted(value)};`),
    '',
    `# It sends people back to ${redirectUri}`,
  ];
  if (settings.some(([, value]) => value.indexOf('$') >= 0)) {
    lines.push('# Needs, outside server {}:  geo $oidc_dollar { default "$"; }');
  }
  if (secretExpires > 0) {
    lines.push(`# The secret ends on ${new Date(secretExpires * 1000).toISOString()}.`);
  }
  differences.forEach((one) => {
    lines.push(`# Other than asked: ${one}`);
  });
  lines.push('#');
  if (management) {
    lines.push(
      '# Shows the registration; with -X PUT brings it up to the settings of this site, with -X DELETE ends it. Who has the',
      '# token can do so: keep it, but not here.',
      `#   curl -H 'Authorization: Bearer ${management.token}' -H 'Registration-Client-Uri: ${management.uri}' ${address}`,
    );
  } else {
    lines.push('# The provider tells no way to change or end the registration but its console.');
  }
  return `${lines.join('\n')}\n`;
}

/** The same for a program. */
export function registrationJson({ registration, redirectUri }: RegistrationReport): string {
  const { management, secretExpires, differences } = registration;
  return `${JSON.stringify({
    settings: settingsOf(registration),
    redirect_uri: redirectUri,
    client_secret_expires_at: secretExpires,
    registration_client_uri: management?.uri,
    registration_access_token: management?.token,
    differences,
  })}\n`;
}

function settingsOf({ clientId, clientSecret, authMethod }: Registration): Record<string, string> {
  return {
    oidc_client: clientId,
    oidc_client_secret: clientSecret,
    oidc_client_auth_method: authMethod,
  };
}

/** As NGINX reads it between double quotes, where nothing escapes a dollar: a variable stands for it. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: NGINX's own
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\$/g, () => '${oidc_dollar}')}"`;
}
