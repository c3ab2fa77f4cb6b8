/** Somebody who can sign in at the demo provider. `login` is the subject, too. */
export interface Account {
  login: string;
  password: string;
  claims: Record<string, unknown>;
}

/** The demo's people. A fresh copy: whoever gets it may change it. */
export function demoAccounts(): Account[] {
  return [
    {
      login: 'alice',
      password: 'wonderland',
      claims: {
        name: 'Alice Lindqvist',
        given_name: 'Alice',
        family_name: 'Lindqvist',
        preferred_username: 'alice',
        locale: 'en',
        department: 'Research',
        email: 'alice@example.com',
        email_verified: true,
        groups: ['engineering', 'admins'],
      },
    },
    {
      login: 'bob',
      password: 'builder',
      claims: {
        name: 'Bob Müller',
        given_name: 'Bob',
        family_name: 'Müller',
        preferred_username: 'bob',
        locale: 'de',
        department: 'Construction',
        email: 'bob@example.com',
        email_verified: false,
        groups: ['builders'],
      },
    },
  ];
}

/** Which scope releases which claims. `groups` come with `profile` as well, because many providers do it so. */
export const claimsOfScopes = {
  openid: ['sub'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'preferred_username',
    'locale',
    'department',
    'groups',
    'picture',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  groups: ['groups'],
};
