// What the prompt language knows: tasks, languages, keys of @set, findings; and the findings in data sets.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { code, table } from './markdown.mjs';

const severities = { 1: 'error', 2: 'warning', 3: 'information', 4: 'hint' };
const knowledge = { yes: 'yes', shown: 'shown', no: 'no', unsure: '' };

export function diagnosticTable({ diagnosticCodes, linkCodes }) {
  const rows = Object.entries({ ...diagnosticCodes, ...linkCodes }).map((
    [name, { severity, isMechanical, isUnnecessary }],
  ) => [`[${name}](#${name})`, severities[severity], isMechanical ? 'yes' : '', isUnnecessary ? 'yes' : '']);
  return table(['code', 'severity', 'in "Fix all"', 'drawn faded'], rows);
}

export function findingTable({ findingCodes }) {
  const rows = Object.entries(findingCodes).map((
    [name, { severity, isMended }],
  ) => [`[${name}](#${name})`, severity, isMended ? 'yes' : '']);
  return table(['code', 'severity', 'mended'], rows);
}

export function taskTable({ tasks }) {
  const rows = tasks.map((
    { form, does, example, knownTo },
  ) => [
    code(form),
    does(),
    `${code(example.prompt)} → ${code(example.suffix)}`,
    knowledge[knownTo.mix],
    knowledge[knownTo.pt],
    knowledge[knownTo.demo],
  ]);
  return table(['prompt', 'what it does', 'example', 'mix', 'pt', 'demo'], rows);
}

export function languageList({ languages }) {
  return `${languages.map(({ code: short, name }) => `${code(short)} ${name}`).join(' · ')}`;
}

export function keyTable({ settingKeys }) {
  return table(
    ['key', 'meaning', 'value'],
    settingKeys.map(({ key, summary, expected }) => [code(key), summary(), expected()]),
  );
}

/** The example that the tests run. */
export function exampleFile() {
  return `\`\`\`paligemma\n${
    readFileSync(path.join(root, 'docs/examples/shapes.paligemma'), 'utf8').trimEnd()
  }\n\`\`\``;
}
