import { describe, expect, it } from 'vitest';
import { nginxBlocks } from '../../support/documentation-blocks';

const blockOf = (info: string, before = '') =>
  nginxBlocks('a.md', `## Heading\n\n${before}\n\n\`\`\`${info}\nlisten 1;\n\`\`\`\n`);

describe('blocks of NGINX configuration in the documentation', () => {
  it.each([
    ['nginx', 'server'],
    ['nginx http', 'http'],
    ['nginx location with="Another one"', 'location'],
    ['nginx not-loaded="NGINX Plus alone has it"', 'not-loaded'],
  ])('%s goes into: %s', (info, context) => {
    expect(blockOf(info)).toMatchObject([{ place: 'a.md:5', heading: 'Heading', context, text: 'listen 1;\n' }]);
  });

  it('words before it say so, too, in recipes', () => {
    expect(blockOf('nginx', 'Outside `server {}`:')).toMatchObject([{ context: 'http' }]);
    expect(blockOf('nginx', 'Inside `server {}`:')).toMatchObject([{ context: 'server' }]);
  });

  it.each(['nginx htpp', 'nginx not-loaded', 'nginx not-loaded=""', 'nginx http server', 'nginx {1}'])(
    '%s is a mistake, named by its place',
    (info) => {
      expect(() => blockOf(info)).toThrow(/^a\.md:5: .*not-loaded="why"/);
    },
  );

  it('other languages are left alone', () => {
    expect(blockOf('sh')).toEqual([]);
  });
});
