import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { happenings, useEventfulSite } from '../support/eventful-site';
import { onEachTarget } from '../support/nginx';

const table = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
const documented = [...table.matchAll(/^\| `([a-z_]+)` \| (?:\d{3}|none) \|/gm)].map(([, code]) => code);

onEachTarget('error.log', (nginx) => {
  describe.each(['text', 'json'])('in the format %s', (format) => {
    const scene = useEventfulSite(nginx, { changes: { alsoSet: { oidc_log_format: format } } });
    /** What the module wrote, without NGINX's words around it. */
    const messages = () => {
      const lines = scene.site.nginx.errorLog().split('\n');
      return lines.flatMap((line) => /\[(?:warn|error)\] .*? js: (.*)$/.exec(line)?.[1] ?? []);
    };

    it('has a code of docs/troubleshooting.md and a reference in every line of the module', async () => {
      const site = happenings(scene);
      const { agent } = await site.person('alice');
      await site.denied(agent);
      await site.refusedCallback();
      await site.forgedCallback();
      await site.loop();
      await site.badTokens(2);
      await site.token('/api/write/', {}, 403);
      await site.backChannel({ sub: 'alice', aud: 'x' }, 400);
      await site.renewal('bob', 'invalid_grant');
      scene.site.nginx.expectLog(/js: .*provider_timeout|prematurely closed|provider_unreachable|js: .*config_invalid/);
      scene.provider.respond('/revoke', { reset: true, times: 1 });
      await site.signOut(agent);
      const seen = messages().map((message) => {
        if (format === 'text') return /^oidc: ([a-z_]+) ref=[0-9a-f]{12} \S/.exec(message)?.[1] ?? message;
        const object = JSON.parse(message.slice(0, message.lastIndexOf('}') + 1));
        expect(object).toEqual({
          refId: expect.stringMatching(/^[0-9a-f]{12}$/),
          code: expect.any(String),
          message: expect.stringMatching(/\S/),
          clientIp: '127.0.0.1',
          host: '127.0.0.1',
          method: expect.stringMatching(/^(?:GET|POST)$/),
          uri: expect.stringMatching(/^\//),
        });
        return object.code as string;
      });
      expect(seen.filter((code) => !documented.includes(code))).toEqual([]);
      expect([...new Set(seen)].sort()).toEqual([
        'bearer_scope_missing',
        'bearer_token_invalid',
        'login_expired',
        'login_loop',
        'logout_invalid',
        'not_allowed',
        'provider_unreachable',
        'refresh_rejected',
        'token_request_failed',
      ]);
    });
  });
});
