import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { useScene } from '../security/site';
import { onEachTarget } from '../support/nginx';

const admin = `    location /admin/ {
        set $oidc_require "groups any admins";
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }\n`;

onEachTarget('a renewal where server and location both have rules', (nginx) => {
  const scene = useScene(nginx, {
    changes: { alsoSet: { oidc_require: 'groups any staff', oidc_renew_before: '1' } },
    editFrontend: (conf) => conf.replace(/^ {4}location \/ \{/m, (line) => admin + line),
  });

  it('judges by the rule of the location, in the request that renews, too', async () => {
    const { provider, agent, site } = scene;
    provider.does.user = { sub: 'alice', groups: ['staff'] };
    provider.does.expiresIn = 4;
    provider.does.idTokenLifetime = 4;
    await scene.signedIn();
    expect((await agent.xhr(`${site.url}/x`)).status).toBe(200);
    expect((await agent.xhr(`${site.url}/admin/x`)).status).toBe(403);
    await sleep(3300);
    expect((await agent.xhr(`${site.url}/admin/x`)).status).toBe(403);
    expect(provider.grants('refresh_token')).toHaveLength(1);
  });
});
