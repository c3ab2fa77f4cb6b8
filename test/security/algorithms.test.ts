import { expect, it } from 'vitest';
import { signingKey } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { useScene } from './site';

const families = ['RS', 'PS', 'ES'].map((family) => [256, 384, 512].map((bits) => `${family}${bits}`));

onEachTarget('ID tokens signed with', (nginx) => {
  const scene = useScene(nginx);
  const algorithms = families.flat();

  it.each(algorithms)('%s are accepted, whatever else the provider publishes keys for', async (alg) => {
    const keys = await Promise.all(algorithms.map((one) => signingKey(one)));
    scene.provider.does.jwks = () => ({ keys: keys.map(({ publicJwk }) => publicJwk) });
    scene.provider.does.alg = alg;
    await scene.signedIn();
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(200);
  });

  it.each(algorithms)('%s are refused when the signature is of another key of that algorithm', async (alg) => {
    const keys = await Promise.all(algorithms.map((one) => signingKey(one)));
    scene.provider.does.jwks = () => ({ keys: keys.map(({ publicJwk }) => publicJwk) });
    await signingKey(alg, 2);
    scene.provider.does.alg = alg;
    scene.provider.does.signingKeyNumber = 2;
    scene.provider.does.header = (header) => ({ ...header, kid: `${alg}-1` });
    const logged = scene.site.nginx.errorLog().length;
    const page = await scene.agent.navigate(`${scene.site.url}/`);
    expect(page.status).toBe(403);
    expect(scene.site.nginx.errorLog().slice(logged)).toContain(' id_token_signature ');
  });
});

onEachTarget('ID tokens signed with the client secret', (nginx) => {
  const algorithms = ['HS256', 'HS384', 'HS512'];
  const scene = useScene(nginx, { changes: { alsoSet: { oidc_id_token_algs: `RS256 ${algorithms.join(' ')}` } } });

  it.each(algorithms)('%s are accepted where $oidc_id_token_algs lists it', async (alg) => {
    scene.provider.does.alg = alg;
    await scene.signedIn();
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(200);
  });
});
