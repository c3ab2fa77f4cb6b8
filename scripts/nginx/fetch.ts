import { findNginx } from './find';
import { describeNginx, type Target, targets } from './target';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !targets.includes(name as Target));
if (unknown.length > 0) {
  console.error(`Unknown target ${unknown.join(', ')}. Usage: npx tsx scripts/nginx/fetch.ts [${targets.join(' ')}]`);
  process.exit(2);
}
for (const target of targets.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  try {
    const nginx = await findNginx(target);
    console.log(`${describeNginx(nginx)}: ${nginx.source}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
