import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { anchorsOf, markdownFiles, relativeLinks } from './markdownFiles';

const files = markdownFiles();
const byName = new Map(files.map(file => [file.file, file]));

test('every relative link of every Markdown file leads somewhere, and so does its anchor', () => {
  let links = 0;
  const broken: string[] = [];
  for (const file of files) {
    for (const { place, anchor } of relativeLinks(file)) {
      links++;
      const target = byName.get(place);
      if (!existsSync(place)) broken.push(`${file.file} → ${place}`);
      else if (anchor !== undefined && target !== undefined && !anchorsOf(target).has(anchor)) {
        broken.push(`${file.file} → ${place}#${anchor}`);
      }
    }
  }
  assert.ok(links > 100, `only ${links} links were found`);
  assert.deepEqual(broken, []);
});

test('every file of docs/ is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const name of reached) {
    const file = byName.get(name);
    if (file !== undefined) { for (const { place } of relativeLinks(file)) reached.add(place); }
  }
  const all = readdirSync('docs', { recursive: true }).map(name => `docs/${String(name).split(path.sep).join('/')}`)
    .filter(name => statSync(name).isFile());
  assert.deepEqual(all.filter(name => !reached.has(name)), []);
});

test('pictures have alternative text', () => {
  for (const { file, text } of files) assert.doesNotMatch(text, /!\[\s*\]\(/, file);
});
