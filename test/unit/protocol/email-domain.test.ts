import { describe, expect, it } from 'vitest';
import { emailDomain } from '../../../src/protocol/email-domain';

describe('the domain of an e-mail address', () => {
  it.each([
    ['alice@acme.example', 'acme.example'],
    ['Alice.Smith+x@ACME.Co.UK', 'acme.co.uk'],
    ['"quoted"@acme.example', 'acme.example'],
  ])('of %j is %j', (address, domain) => expect(emailDomain(address)).toBe(domain));

  it.each([
    '',
    'acme.example',
    '@acme.example',
    'alice@',
    'alice@acme',
    'alice@evil.test@acme.example',
    'alice@acme.example ',
    'alice @acme.example',
    'alice@acme.example.',
    'alice@.acme.example',
    'alice@acme..example',
    'alice@[127.0.0.1]',
    'alice\n@acme.example',
    'alice@acm\u00e9.example',
    `${'a'.repeat(250)}@acme.example`,
  ])('there is none in %j', (address) => expect(emailDomain(address)).toBeUndefined());
});
