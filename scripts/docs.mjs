// `npm run docs`: writes the parts of the documentation that follow from the code. With --check it writes nothing, and
// fails where a part is stale.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { renderedPages } from './docs/pages.mjs';
import { root } from './install.mjs';

const isCheck = process.argv.includes('--check');
const stale = (await renderedPages()).filter(page => page.text !== page.written);
for (const { file, text } of stale) {
  if (!isCheck) writeFileSync(path.join(root, file), text);
  console.log(`${file} ${isCheck ? 'is stale: run npm run docs' : 'is written anew'}`);
}
if (stale.length === 0) console.log('The documentation is up to date.');
process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
