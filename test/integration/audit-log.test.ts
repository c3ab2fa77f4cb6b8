import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withAuditLog } from '../../scripts/site/optional';
import { type AuditLine, auditLines, auditText } from '../support/audit-log';
import { happenings, useEventfulSite } from '../support/eventful-site';
import { onEachTarget } from '../support/nginx';
import { waitUntil } from '../support/processes';

onEachTarget('the audit log', (nginx) => {
  const scene = useEventfulSite(nginx);
  let dealtWith = 0;

  /** The lines that something leads to; NGINX writes them when requests end. */
  async function linesOf(count: number, act: () => Promise<unknown>): Promise<AuditLine[]> {
    dealtWith = auditLines(auditText(scene.site)).length;
    await act();
    const lines = () => auditLines(auditText(scene.site)).slice(dealtWith);
    await waitUntil(`${count} lines are written`, () => lines().length >= count);
    return lines();
  }
  const lineOf = async (act: () => Promise<unknown>) => {
    const lines = await linesOf(1, act);
    expect(lines).toHaveLength(1);
    return lines[0] as AuditLine;
  };
  const hash = expect.stringMatching(/^[A-Za-z0-9_-]{22}$/);
  const common = () => ({ client: '127.0.0.1', issuer: scene.provider.issuer, code: 'ok' });

  it('has a line for a sign-in, a step-up in its place, a denial and a sign-out, which name person and session alike', async () => {
    const site = happenings(scene);
    const agent = scene.browser();
    const signIn = await lineOf(() => site.person('alice', agent));
    expect(signIn).toMatchObject({
      ...common(),
      event: 'sign_in',
      subject: hash,
      session: hash,
      ended: 0,
      sessions: [],
    });
    const stepUp = await lineOf(() => site.stepUp(agent, 'alice'));
    expect(stepUp).toMatchObject({ ...common(), event: 'step_up', ended: 1, sessions: [signIn.session] });
    expect(stepUp.session).not.toBe(signIn.session);
    const { session, subject } = stepUp;
    const denied = await lineOf(() => site.denied(agent));
    expect(denied).toMatchObject({ ...common(), code: 'not_allowed', event: 'denied', session, subject });
    const signOut = await lineOf(() => site.signOut(agent));
    expect(signOut).toMatchObject({
      ...common(),
      event: 'sign_out',
      kind: 'own',
      ended: 1,
      sessions: [session],
      subject,
    });
    expect(signIn.subject).toBe(subject);
    expect(Math.abs(Date.parse(signOut.time) - Date.now())).toBeLessThan(60_000);
  });

  it('has a line for each kind of sign-out, with the sessions that ended', async () => {
    const site = happenings(scene);
    const signIns = await linesOf(8, async () => {
      await site.people('bob', 2);
      await site.people('carol', 2);
      await site.people('dave', 3);
      await site.person('erin');
    });
    const of = (subject: string | undefined) =>
      signIns.filter((line) => line.subject === subject).map(({ session }) => session);
    const [bob, carol, dave, erin] = [...new Set(signIns.map(({ subject }) => subject))];
    const ended = (line: AuditLine) => ({ kind: line.kind, sessions: line.sessions?.sort(), ended: line.ended });
    const expected = (kind: string, subject: string | undefined) => {
      const sessions = of(subject).sort();
      return { kind, sessions, ended: sessions.length };
    };
    const ofErin = String(scene.provider.issued.at(-1)?.sid);
    expect(ended(await lineOf(() => site.frontChannel(ofErin)))).toEqual(expected('front_channel', erin));
    const backChannel = await lineOf(() => site.backChannel({ sub: 'carol', sid: undefined }));
    expect([ended(backChannel), backChannel.subject]).toEqual([expected('back_channel', carol), carol]);
    const byOperator = await lineOf(() => site.endedByOperator('dave'));
    expect([ended(byOperator), byOperator.subject]).toEqual([expected('administrative', dave), dave]);
    const [more, everywhere] = await linesOf(2, async () => {
      const { agent } = await site.person('bob');
      await site.signOutEverywhere(agent);
    });
    const all = [...of(bob), more?.session].sort();
    expect(ended(everywhere as AuditLine)).toEqual({ kind: 'everywhere', sessions: all, ended: 3 });
    expect(everywhere?.subject).toBe(bob);
  });

  it('has a line for what was refused, with the code and the reference of error.log', async () => {
    const site = happenings(scene);
    const cases: [Partial<AuditLine>, () => Promise<unknown>][] = [
      [{ event: 'sign_in_refused', code: 'token_request_failed' }, () => site.refusedCallback()],
      [{ event: 'sign_in_refused', code: 'login_expired' }, () => site.forgedCallback()],
      [
        { event: 'sign_out_refused', kind: 'back_channel', code: 'logout_invalid' },
        () => site.backChannel({ aud: 'x' }, 400),
      ],
      [{ event: 'token_refused', code: 'bearer_token_invalid' }, () => site.badTokens(1)],
      [
        { event: 'denied', code: 'bearer_scope_missing', subject: hash },
        () => site.token('/api/write/', { sub: 'machine' }, 403),
      ],
    ];
    for (const [expected, act] of cases) {
      const line = await lineOf(act);
      expect(line).toMatchObject(expected);
      expect(scene.site.nginx.errorLog()).toContain(`${line.code} ref=${line.request}`);
    }
    const loop = await linesOf(6, () => site.loop());
    expect(loop.map(({ code }) => code)).toEqual([...Array(5).fill('token_request_failed'), 'login_loop']);
  });

  it('has a line for a renewal that ended a session, and none for other renewals', async () => {
    const site = happenings(scene);
    const [signIn, refused, ...more] = await linesOf(2, () => site.renewal('frank', 'invalid_grant'));
    expect(refused).toMatchObject({ event: 'renewal_refused', code: 'refresh_rejected', client: '127.0.0.1' });
    expect([refused?.session, refused?.subject, more]).toEqual([signIn?.session, signIn?.subject, []]);
    const others = await linesOf(2, async () => {
      await site.renewal('grace');
      await site.renewal('heidi', 'invalid_client');
    });
    expect(others.map(({ event }) => event)).toEqual(['sign_in', 'sign_in']);
  });

  it('has nothing for requests that go through, nor for frames that end nothing', async () => {
    const site = happenings(scene);
    const lines = await linesOf(1, async () => {
      const { agent } = await site.person('ivan');
      for (let count = 0; count < 5; count++) await agent.get(`${scene.site.url}/`);
      await site.frontChannel('a-sid-that-nobody-has-0123456789');
      await site.token('/api/', {}, 200);
      await scene.browser().get(`${scene.site.url}/`);
    });
    expect(lines.map(({ event }) => event)).toEqual(['sign_in']);
  });

  it('has no secret in it, and nobody from outside can write a line', async () => {
    const site = happenings(scene);
    const { agent, cookie, sid } = await site.person('mallory","event":"sign_in');
    const callback = await site.refusedCallback();
    const token = await site.token('/api/write/', {}, 403);
    const logoutToken = await site.backChannel({ sub: 'mallory' });
    await site.denied(agent);
    const forged = 'x%0a%7B%22event%22:%22sign_in%22%7D';
    await scene.browser().get(`${scene.site.url}/_codexch?error=${forged}&state=${forged}`);
    await site.signOut(agent);
    const text = auditText(scene.site);
    auditLines(text);
    const secrets = [
      cookie,
      sid,
      token,
      logoutToken,
      callback.searchParams.get('code'),
      callback.searchParams.get('state'),
    ];
    for (const secret of [...secrets, 'mallory', ...scene.provider.secrets()]) expect(text).not.toContain(secret);
  });
});

onEachTarget('the audit log with $oidc_audit_subject', (nginx) => {
  describe.each([
    ['clear', 'Jürgen "x"'],
    ['none', undefined],
  ])('%s', (setting, expected) => {
    const scene = useEventfulSite(nginx, { changes: { alsoSet: { oidc_audit_subject: setting } } });

    it('names people so', async () => {
      await happenings(scene).person('Jürgen "x"');
      await waitUntil('the line is written', () => auditText(scene.site) !== '');
      expect(auditLines(auditText(scene.site)).map(({ subject }) => subject)).toEqual([expected]);
    });
  });
});

onEachTarget('the audit log by syslog', (nginx) => {
  const messages: string[] = [];
  const socket = createSocket('udp4').on('message', (message) => messages.push(message.toString()));
  let port = 0;
  beforeAll(async () => {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    port = socket.address().port;
  });
  afterAll(() => void socket.close());
  const scene = useEventfulSite(nginx, {
    editFrontend: (conf) => withAuditLog(conf).replace(/oidc_audit\.log/, `syslog:server=127.0.0.1:${port},tag=oidc`),
  });

  it('is a message for each event', async () => {
    await happenings(scene).person('alice');
    await waitUntil('a message comes', () => messages.length > 0);
    const [line] = auditLines(`${messages[0]?.slice(messages[0].indexOf('{'))}\n`);
    expect([line?.event, messages.length]).toEqual(['sign_in', 1]);
    expect(messages[0]).toMatch(/^<190>.* oidc: \{/);
  });
});

onEachTarget('the audit log as shipped', (nginx) => {
  const scene = useEventfulSite(nginx, { editFrontend: (conf) => conf });

  it('is off', async () => {
    await happenings(scene).person('alice');
    expect(auditText(scene.site)).toBe('');
  });
});
