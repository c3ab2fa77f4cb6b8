// One part of the demo as the only process of a container: `provider` or `application`.
// HOST and PORT to listen on; for the provider ISSUER, its address as browsers and NGINX know it, and SITE, the site's address
// (several, with spaces between them, register several redirect URIs).
import { startApplication } from './application';
import { demoClient, startProvider } from './provider';

const { HOST: host = '0.0.0.0', PORT = '', ISSUER = '', SITE = '' } = process.env;
const port = Number(PORT);
const [part] = process.argv.slice(2);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
if (!Number.isInteger(port) || port < 1) throw new Error('PORT must be a port number');
if (part === 'provider') {
  const provider = await startProvider({ port, host, issuer: ISSUER, clients: [clientOf(SITE.split(' '))] });
  provider.provider.proxy = ISSUER.startsWith('https:'); // then something in front of it ends TLS
  console.log(`Provider ${provider.issuer} for ${SITE}. Sign in as alice / wonderland or bob / builder.`);
} else if (part === 'application') {
  console.log(`Application ${(await startApplication({ port, host })).url}`);
} else {
  throw new Error('say which part: provider or application');
}

function clientOf(sites: string[]) {
  const [first = demoClient(), ...others] = sites.map((site) => demoClient(site));
  const all = (name: 'redirect_uris' | 'post_logout_redirect_uris') => [first, ...others].flatMap((one) => one[name]);
  return {
    ...first,
    redirect_uris: all('redirect_uris'),
    post_logout_redirect_uris: all('post_logout_redirect_uris'),
  };
}
