// The pages with generated parts. A part stands between `<!-- begin NAME … -->` and `<!-- end NAME -->`.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { commandTable, settingTable, settingValues } from './editorTables.mjs';
import { loadFacts } from './facts.mjs';
import { diagnosticTable, exampleFile, findingTable, keyTable, languageList, taskTable } from './languageTables.mjs';
import { errorTable, modelActions, optionTable, verbTable } from './terminalTables.mjs';

/** What a part is made of, by its name. */
const parts = {
  commands: commandTable,
  settings: settingTable,
  'setting-values': settingValues,
  diagnostics: diagnosticTable,
  'data-set-findings': findingTable,
  tasks: taskTable,
  languages: languageList,
  keys: keyTable,
  example: exampleFile,
  verbs: verbTable,
  options: optionTable,
  'model-actions': modelActions,
  errors: errorTable,
};

const marked = /<!-- begin ([\w-]+)[^>]*-->\n[\s\S]*?<!-- end \1 -->/g;

/**
 * Every page of docs/ that has a generated part.
 * @returns {Promise<{ file: string, written: string, text: string }[]>} `file`: relative to the root; `written`: what
 *   it holds now.
 * @throws Error for an unknown part, and for one that no page holds.
 */
export async function renderedPages() {
  const facts = await loadFacts();
  const used = new Set();
  const pages = readdirSync(path.join(root, 'docs'), { recursive: true }).map(String).filter(name =>
    name.endsWith('.md')
  ).sort().map(name => {
    const file = `docs/${name.split(path.sep).join('/')}`;
    const written = readFileSync(path.join(root, file), 'utf8');
    const text = written.replace(marked, (_, part) => {
      if (!Object.hasOwn(parts, part)) {
        throw new Error(`${file} asks for the part ${part}, which scripts/docs/pages.mjs does not know.`);
      }
      used.add(part);
      return `<!-- begin ${part} (npm run docs) -->\n${parts[part](facts)}\n<!-- end ${part} -->`;
    });
    return { file, written, text, hasParts: text.includes('<!-- begin ') };
  });
  const unused = Object.keys(parts).filter(part => !used.has(part));
  if (unused.length > 0) throw new Error(`No page of docs/ holds the part ${unused.join(', ')}.`);
  return pages.filter(page => page.hasParts).map(({ file, written, text }) => ({ file, written, text }));
}
