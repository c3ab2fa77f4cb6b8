import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logError, logWarning } from '../../../src/nginx/log';
import { type ErrorCode, errorTable, oidcError } from '../../../src/protocol/errors';
import { fakeRequest } from '../../support/fake-request';

const request = (more: Record<string, string> = {}) =>
  fakeRequest({ host: 'app.test', remote_addr: '192.0.2.1', request_method: 'GET', uri: '/_codexch', ...more });

describe('a line of error.log', () => {
  it('has code, reference, cause and consequence', () => {
    const r = request();
    logWarning(r, oidcError('jwks_failed', 'https://idp.test answered 500'), 'the last good one stays in use');
    expect(r.log).toEqual([
      {
        level: 'warn',
        line: 'oidc: jwks_failed ref=0123456789ab https://idp.test answered 500; the last good one stays in use',
      },
    ]);
  });

  it('is a JSON object where $oidc_log_format is json', () => {
    const r = request({ oidc_log_format: 'json' });
    logError(r, oidcError('jwks_failed', 'it answered "500"'));
    expect(r.log.map(({ level, line }) => [level, JSON.parse(line)])).toEqual([
      [
        'error',
        {
          refId: '0123456789ab',
          code: 'jwks_failed',
          message: 'it answered "500"',
          clientIp: '192.0.2.1',
          host: 'app.test',
          method: 'GET',
          uri: '/_codexch',
        },
      ],
    ]);
  });

  it('is whole JSON within the length that NGINX takes, whatever is said and asked for', () => {
    const any = fc.string({ maxLength: 5000, unit: 'binary' });
    fc.assert(
      fc.property(any, any, any, (detail, uri, host) => {
        const r = request({ oidc_log_format: 'json', uri, host });
        logError(r, oidcError('internal', detail));
        const [{ line } = { line: '' }] = r.log;
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1800);
        expect(line).not.toMatch(/[\r\n]/);
        expect(JSON.parse(line)).toMatchObject({ code: 'internal', refId: '0123456789ab' });
      }),
      {
        endOnFailure: true,
        examples: [
          ['x'.repeat(100_000), '/', 'h'],
          ['"'.repeat(3000), '\u0001'.repeat(3000), '\u0001'.repeat(3000)],
        ],
      },
    );
  });

  it.each(Object.keys(errorTable) as ErrorCode[])(
    '%s is a warning if anybody can cause it, or said once by the store',
    (code) => {
      const r = request();
      logError(r, oidcError(code, 'why'));
      const isOutage = ['store_unreachable', 'store_refused', 'store_full'].includes(code);
      const level = [400, 401, 403, 404, 429].includes(errorTable[code].status) ? 'warn' : 'error';
      expect(r.log).toEqual(isOutage ? [] : [{ level, line: `oidc: ${code} ref=0123456789ab why` }]);
    },
  );
});

it('nothing in src/ writes to error.log but by the functions that put a code before it', () => {
  const src = new URL('../../../src/', import.meta.url);
  const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => name.endsWith('.ts'));
  const writes = files.filter((name) =>
    /\b(?:r|ngx|console)\.(?:log|warn|error)\(/.test(readFileSync(new URL(name, src), 'utf8')),
  );
  // The last one says at `info` that somebody signed in, in the words of the reference implementation.
  expect(writes.sort()).toEqual(['nginx/log.ts', 'plus/code-exchange.ts', 'plus/log.ts']);
});
