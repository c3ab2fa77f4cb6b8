import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { useScene } from './site';

/** A server that any request reaches whose header lines come before its Host line. */
const siteNamed = (conf: string) => conf.replace(/^( *)listen (\S+?);.*$/m, '$&\n$1server_name 127.0.0.1;');
const anotherSite = (conf: string) => `${conf}
server {
    listen ${/^ *listen ([^\s;]+)/m.exec(conf)?.[1]} default_server;
    server_name other.test;
    underscores_in_headers on;
    return 404;
}
`;
const forged = ['X_Email: root@example.com', 'x_name: root', 'X_GROUPS: root', 'Username: root', 'X-Email: root'];

onEachTarget('identity headers with underscores', (nginx) => {
  const sites: [string, (conf: string) => string][] = [
    ['let in by the site itself', (conf) => conf.replace('underscores_in_headers off;', 'underscores_in_headers on;')],
    ['let in by the first server of its address', (conf) => anotherSite(siteNamed(conf))],
  ];
  for (const [name, editFrontend] of sites) {
    const scene = useScene(nginx, { editFrontend });

    /** Header lines in an order of our own: what stands before Host is read by the rules of the first server. */
    const ask = async (lines: string[]) => {
      const socket = connect(scene.site.port, '127.0.0.1');
      socket.write(`${['GET /page HTTP/1.1', ...lines, 'Connection: close', '', ''].join('\r\n')}`);
      const answer = await text(socket);
      return { status: Number(answer.slice(9, 12)), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
    };

    it(`A7 ${name}, never reach the application`, async () => {
      scene.provider.does.user = { sub: 'bob', email: 'bob@example.com' };
      const cookie = `Cookie: auth_token=${await scene.signedIn()}`;
      const { application } = scene;
      for (const lines of [
        [...forged, 'X_Other: 1', 'Host: 127.0.0.1', cookie],
        ['Host: 127.0.0.1', ...forged, cookie],
      ]) {
        application.requests.length = 0;
        expect((await ask(lines)).status).toBe(200);
        const [echo] = application.requests;
        expect(echo?.headers).toMatchObject({ username: 'bob', 'x-email': 'bob@example.com' });
        expect(echo?.rawHeaders.join('\n')).not.toContain('root');
      }
    });
  }
});
