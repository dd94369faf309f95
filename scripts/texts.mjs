/**
 * `npm run texts`: brings l10n/bundle.l10n.json to what the sources say, takes out of the translations what nobody says
 * any more, and names what they lack.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { sourceRoots } from './lint/rooms.mjs';

const folder = path.join(root, 'l10n');
/** A page says what the extension sends it. */
const speaking = sourceRoots.filter(name => name !== 'media');

/** The sentences in calls of `t('…')`, sorted. A sentence is written as one literal, so that it can be found. */
export function sentencesOfSources() {
  const files = speaking.flatMap(name =>
    readdirSync(path.join(root, name), { recursive: true }).map(file => path.join(root, name, file))
  ).filter(file => file.endsWith('.ts'));
  const sentences = files.flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/\bt\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)].map(match =>
      (match[1] ?? match[2]).replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
    )
  );
  return [...new Set(sentences)].sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sentences = sentencesOfSources();
  write('bundle.l10n.json', Object.fromEntries(sentences.map(sentence => [sentence, sentence])));
  for (const name of readdirSync(folder).filter(file => /^bundle\.l10n\..+\.json$/.test(file))) {
    const known = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
    const said = sentences.filter(sentence => Object.hasOwn(known, sentence));
    write(name, Object.fromEntries(said.map(sentence => [sentence, known[sentence]])));
    for (const sentence of sentences) if (!Object.hasOwn(known, sentence)) console.log(`${name} lacks: ${sentence}`);
  }
}

function write(name, texts) {
  writeFileSync(path.join(folder, name), `${JSON.stringify(texts, undefined, 2)}\n`);
}
