/**
 * OIDC_TEST_HOSTS, `name=address name=address`: where the parts of a test run that have containers of their own are.
 * Without it the provider and the application run in the test's own process.
 */
export const hosts: Record<string, string> = Object.fromEntries(
  (process.env.OIDC_TEST_HOSTS ?? '')
    .split(' ')
    .filter(Boolean)
    .map((entry) => entry.split('=') as [string, string]),
);

export const providerHost = 'openid.test';
export const applicationHost = 'echo.test';

/** The Docker network of OIDC_TEST_HOSTS, which NGINX joins. */
export const privateNetwork = process.env.OIDC_TEST_NETWORK ?? '';
