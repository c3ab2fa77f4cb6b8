import { afterEach, describe, expect, it } from 'vitest';
import { count, countCall, countMany } from '../../../src/nginx/metrics';

/** The zone of frontend.conf. */
function fakeZone(): Map<string, number> {
  const zone = new Map<string, number>();
  const incr = (key: string, delta: number, init: number) => zone.set(key, (zone.get(key) ?? init) + delta);
  Object.assign(globalThis, { ngx: { shared: { oidc_metrics: { incr } } } });
  return zone;
}

describe('counting', () => {
  afterEach(() => Reflect.deleteProperty(globalThis, 'ngx'));

  it('adds up, for each value of the labels', () => {
    const zone = fakeZone();
    count('oidc_login_loops_total');
    count('oidc_sign_outs_total', 'own');
    count('oidc_sign_outs_total', 'own');
    countMany(3, 'oidc_sessions_ended_total', 'everywhere');
    expect(Object.fromEntries(zone)).toEqual({
      oidc_login_loops_total: 1,
      'oidc_sign_outs_total own': 2,
      'oidc_sessions_ended_total everywhere': 3,
    });
  });

  it.each([
    [0, '0.025'],
    [0.025, '0.025'],
    [0.026, '0.05'],
    [10, '10'],
    [10.1, '+Inf'],
  ])('puts a call of %f s into the bucket %s', (seconds, bucket) => {
    const zone = fakeZone();
    countCall('token', '2xx', seconds);
    expect(Object.fromEntries(zone)).toEqual({
      'oidc_provider_calls_total token 2xx': 1,
      [`duration token ${bucket}`]: 1,
      'duration token sum': seconds,
    });
  });

  it('does nothing without a zone, or with one that is full or of another kind', () => {
    expect(() => count('oidc_login_loops_total')).not.toThrow();
    Object.assign(globalThis, { ngx: { shared: {} } });
    expect(() => count('oidc_login_loops_total')).not.toThrow();
    const incr = () => {
      throw new TypeError('shared dict is not of type number');
    };
    Object.assign(globalThis, { ngx: { shared: { oidc_metrics: { incr } } } });
    expect(() => count('oidc_login_loops_total')).not.toThrow();
  });
});
