import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEvent, audit, auditLine } from '../../../src/nginx/audit';
import { auditLines } from '../../support/audit-log';
import { fakeRequest } from '../../support/fake-request';

const hmacKey = 'a-key-for-tests-only-0123456789abcdef';
const key = 'k'.repeat(43);
const request = () => fakeRequest({ remote_addr: '192.0.2.1' });
const line = (event: Partial<AuditEvent>, subject: 'hash' | 'clear' | 'none' = 'hash') =>
  JSON.parse(auditLine(request(), { event: 'sign_in', ...event }, { hmacKey, subject }, new Date(0)));

describe('a line of the audit log', () => {
  it('has the members that docs/audit-log.md lists, and none that is not known', () => {
    expect(line({ iss: 'https://idp.test', sub: 'alice', session: key, ended: [] })).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      event: 'sign_in',
      code: 'ok',
      client: '192.0.2.1',
      issuer: 'https://idp.test',
      subject: expect.stringMatching(/^[\w-]{22}$/),
      session: expect.stringMatching(/^[\w-]{22}$/),
      ended: 0,
      sessions: [],
      request: '0123456789ab',
    });
    expect(Object.keys(line({ event: 'token_refused', code: 'bearer_token_invalid' }))).toEqual([
      'time',
      'event',
      'code',
      'client',
      'request',
    ]);
  });

  it('names people and sessions by keyed hashes, which differ from key to key and from issuer to issuer', () => {
    const alice = { iss: 'https://idp.test', sub: 'alice' };
    const { subject } = line(alice);
    expect(line(alice).subject).toBe(subject);
    expect(line({ ...alice, iss: 'https://other.test' }).subject).not.toBe(subject);
    expect(line({ ...alice, sub: 'bob' }).subject).not.toBe(subject);
    const other = auditLine(
      request(),
      { event: 'sign_in', ...alice },
      { hmacKey: 'another-key', subject: 'hash' },
      new Date(0),
    );
    expect(JSON.parse(other).subject).not.toBe(subject);
    expect([line(alice, 'clear').subject, line(alice, 'none').subject]).toEqual(['alice', undefined]);
    expect(line({ ...alice, sub: 'x'.repeat(256) }, 'clear').subject).toMatch(/^[\w-]{22}$/);
  });

  it('is as the example in docs/audit-log.md', () => {
    const page = readFileSync(new URL('../../../docs/audit-log.md', import.meta.url), 'utf8');
    const example = /^```json\n(.*\n)```$/m.exec(page)?.[1] ?? '';
    expect(auditLines(example).map(({ event }) => event)).toEqual(['sign_in']);
  });

  it('finds a person by the command in docs/audit-log.md', () => {
    const page = readFileSync(new URL('../../../docs/audit-log.md', import.meta.url), 'utf8');
    const command = /^ {4}(printf .*)$/m.exec(page)?.[1] ?? '';
    const env = { ...process.env, ISSUER: 'https://idp.test', SUB: 'alice', HMAC_KEY: hmacKey };
    const found = execFileSync('sh', ['-c', command], { env, encoding: 'utf8' });
    expect(found.trim()).toBe(line({ iss: 'https://idp.test', sub: 'alice' }).subject);
  });

  it('names 256 sessions at most, and tells how many they were', () => {
    const ended = Array.from({ length: 300 }, (_, at) => `${key}${at}`);
    const { sessions, ended: count } = line({ event: 'sign_out', kind: 'administrative', ended });
    expect([sessions.length, new Set(sessions).size, count]).toEqual([256, 256, 300]);
  });

  it('is one line of the schema, whatever the provider and the client say, and has no key in it', () => {
    const text = fc.string({ minLength: 1, unit: 'binary' });
    const subjects = fc.constantFrom('hash' as const, 'clear' as const, 'none' as const);
    fc.assert(
      fc.property(text, text, subjects, (iss, sub, subject) => {
        const event: AuditEvent = { event: 'sign_in', iss, sub, session: key, ended: [`${key}2`] };
        const one = auditLine(request(), event, { hmacKey, subject }, new Date());
        expect(auditLines(`${one}\n`)).toHaveLength(1);
        expect(one).not.toContain(key);
        expect(one).not.toContain(hmacKey);
      }),
    );
  });

  it('stands beside those that the request has already', () => {
    const r = fakeRequest({ oidc_audit: '' });
    audit(r, { event: 'renewal_refused', code: 'refresh_rejected', session: key }, { hmacKey, subject: 'hash' });
    audit(r, { event: 'sign_in_refused', code: 'login_loop' }, { hmacKey, subject: 'hash' });
    expect(auditLines(`${r.variables.oidc_audit}\n`).map(({ code }) => code)).toEqual([
      'refresh_rejected',
      'login_loop',
    ]);
  });
});
