import { type Fapi2, fapi2 } from './fapi2';
import { type AllPlays, dpopPlays, plays } from './fapi2-plays';
import { playVariants } from './plan';

const variant = (name: string, setting: Fapi2, played: Partial<AllPlays>) => ({
  name,
  plays: played,
  options: setting.options,
  before: setting.before,
});
const [keyAndProof, keyAndCertificate, certificate] = [
  fapi2('fapi2', 'private_key_jwt', 'dpop'),
  fapi2('fapi2', 'private_key_jwt', 'mtls'),
  fapi2('fapi2', 'mtls', 'mtls'),
];

playVariants('fapi2-security-profile-final-client-test-plan', [
  variant('private_key_jwt, DPoP', keyAndProof, dpopPlays(keyAndProof)),
  variant('private_key_jwt, mtls', keyAndCertificate, plays(keyAndCertificate)),
  variant('mtls, mtls', certificate, plays(certificate)),
]);
