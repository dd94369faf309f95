import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { commandIds, runCommands } from '../../../client/src/common/commandIds';
import { imageExtnamePattern, imageFilenamePattern } from '../../../paligemma/src/pictureTypes';
import { attentionModes, deviceNames, weightTypes } from '../../../paligemma/src/facts';
import { imageLinkLanguages } from '../../../server/src/contract/imageLinks';
import { defaultSettings, parseSettings } from '../../../server/src/contract/settings';
import { languages } from '../../../paligemma/src/tasks';
import { scriptModule } from '../../support/scriptModule';

interface Setting {
  readonly type: string;
  readonly default: unknown;
  readonly scope: string;
  readonly enum?: readonly unknown[];
  readonly enumItemLabels?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
  readonly markdownDescription: string;
}
interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}
interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly enablement?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly customEditors: readonly { readonly selector: readonly { readonly filenamePattern: string }[] }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
  };
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (file: string): string => readFileSync(path.resolve(file), 'utf8');
const manifestText = read('package.json');
const manifest = JSON.parse(manifestText) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;
const settings = manifest.contributes.configuration.properties;
const setting = (key: string): Setting => {
  const found = settings[`paligemma.${key}`];
  assert.ok(found, `the manifest lacks paligemma.${key}`);
  return found;
};

test('the manifest has exactly the settings of the contract, with the same defaults', () => {
  const defaults = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key.replace('paligemma.', ''), value.default]),
  );
  assert.deepEqual(defaults, { ...defaultSettings });
});

test('settings have the types of their defaults', () => {
  for (const [key, value] of Object.entries(defaultSettings) as [string, unknown][]) {
    const { type } = setting(key);
    const expected = Array.isArray(value)
      ? ['array']
      : typeof value === 'number'
      ? ['number', 'integer']
      : [typeof value];
    assert.ok(expected.includes(type), `paligemma.${key} is ${type}`);
  }
});

test('settings offer exactly the values that the contract accepts', () => {
  assert.deepEqual(setting('device').enum, [...deviceNames]);
  assert.deepEqual(setting('weights').enum, [...weightTypes]);
  assert.deepEqual(setting('attention').enum, [...attentionModes]);
  for (const [key, { enum: values }] of Object.entries(settings)) {
    for (const value of values ?? []) {
      assert.deepEqual(
        parseSettings({ [key.replace('paligemma.', '')]: value }).problems,
        [],
        `${key}: ${String(value)}`,
      );
    }
  }
});

test('the language setting offers the languages of the prompt language', () => {
  assert.deepEqual(setting('language').enum, languages.map(({ code }) => code));
  assert.equal(setting('language').enumItemLabels?.length, languages.length);
});

test('every value of a setting is described', () => {
  for (const [key, { enum: values, markdownEnumDescriptions, enumItemLabels }] of Object.entries(settings)) {
    if (values !== undefined) assert.equal((markdownEnumDescriptions ?? enumItemLabels)?.length, values.length, key);
  }
});

test('settings that name files to load or hardware belong to the machine, or are ignored in untrusted workspaces', () => {
  assert.equal(setting('modelFolders').scope, 'machine');
  assert.equal(setting('device').scope, 'machine');
  for (const key of ['paligemma.model', 'paligemma.modelFolders']) {
    assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(key), key);
  }
});

test('the manifest has exactly the commands that the extension registers', () => {
  assert.deepEqual(
    manifest.contributes.commands.map(({ command }) => command).sort(),
    Object.values<string>(commandIds).sort(),
  );
});

test('commands that run a model need a trusted workspace', () => {
  const enabled = new Map(manifest.contributes.commands.map(({ command, enablement }) => [command, enablement]));
  for (const name of [...runCommands, 'downloadModel', 'useServer'] as const) {
    assert.equal(enabled.get(commandIds[name]), 'isWorkspaceTrusted', name);
  }
});

test('menus hold known commands only, and the menus of pictures all that run on them', () => {
  const known = new Set<string>(Object.values(commandIds));
  for (const [menu, items] of Object.entries(manifest.contributes.menus)) {
    for (const { command } of items) {
      if (command?.startsWith('paligemma.') === true) assert.ok(known.has(command), `${menu}: ${command}`);
    }
  }
  const runIds = runCommands.map<string>(name => commandIds[name]);
  for (const menu of ['editor/title/context', 'paligemma.pictures', 'paligemma.text']) {
    const listed = manifest.contributes.menus[menu]?.map(({ command }) => command).filter(command =>
      runIds.includes(command ?? '')
    );
    assert.deepEqual(listed, runIds, menu);
  }
});

/** In the order of the menu. */
const dataSetCommands: readonly string[] = [commandIds.showDataSet, commandIds.evaluateDataSet, commandIds.tune];

test('pictures and folders have the same menu, and a picture its caption beside it', () => {
  const [caption, all, ...others] = manifest.contributes.menus['explorer/context'] ?? [];
  assert.equal(caption?.command, commandIds.captionImage);
  assert.match(caption?.when ?? '', /!explorerResourceIsFolder/);
  assert.equal(all?.submenu, 'paligemma.pictures');
  assert.match(all?.when ?? '', /^explorerResourceIsFolder \|\| resourceExtname/);
  assert.deepEqual(others.map(({ command }) => command), dataSetCommands);
});

test('data sets are shown, evaluated and trained on from their menu', () => {
  for (const id of dataSetCommands) {
    const item = manifest.contributes.menus['explorer/context']?.find(({ command }) => command === id);
    assert.equal(item?.when, String.raw`resourceExtname =~ /^\.jsonl$/i && !explorerResourceIsFolder`);
  }
});

test('the menus of pictures name exactly the extensions that the client takes for pictures', () => {
  const clauses = Object.values(manifest.contributes.menus).flat().flatMap(({ when }) =>
    when?.includes('resourceExtname =~') === true && !when.includes('jsonl') ? [when] : []
  );
  assert.ok(clauses.length > 0);
  for (const clause of clauses) assert.ok(clause.includes(`resourceExtname =~ ${imageExtnamePattern}`), clause);
  assert.deepEqual(manifest.contributes.customEditors.map(({ selector }) => selector), [
    [{ filenamePattern: imageFilenamePattern }],
    [{ filenamePattern: '*.jsonl' }],
  ]);
});

test('the menu of texts is there in the languages whose links are read, in prompt files, and at a path in any other', () => {
  const clauses = ['editor/context', 'paligemma.text'].map(menu =>
    manifest.contributes.menus[menu]?.find(item =>
      item.submenu === 'paligemma.text' || item.command === commandIds.writeMissingAltText
    )?.when
  );
  const listed = imageLinkLanguages.join('|');
  assert.deepEqual(clauses, [
    `editorLangId =~ /^(paligemma|${listed})$/ || paligemma.atImagePath`,
    `editorLangId =~ /^(${listed})$/`,
  ]);
});

test('every text of the manifest exists, and none is left over', () => {
  const used = new Set([...manifestText.matchAll(/"%([\w.]+)%"/g)].map(match => match[1] ?? ''));
  assert.deepEqual([...used].filter(key => texts[key] === undefined || texts[key] === ''), []);
  assert.deepEqual(Object.keys(texts).filter(key => !used.has(key)), []);
});

test('command titles and setting descriptions come from package.nls.json', () => {
  const written = [
    ...manifest.contributes.commands.map(({ title }) => title),
    ...Object.values(settings).map(({ markdownDescription }) => markdownDescription),
  ];
  assert.deepEqual(written.filter(text => !/^%[\w.]+%$/.test(text)), []);
});

test('the icon exists and is a PNG', () => {
  assert.ok(existsSync(path.resolve(manifest.icon)));
  assert.equal(readFileSync(path.resolve(manifest.icon)).subarray(1, 4).toString('latin1'), 'PNG');
});

test('the editor typings are not newer than the oldest editor that is supported', () => {
  const [major, minor] = (manifest.engines.vscode.match(/\d+/g) ?? []).map(Number);
  const [typedMajor, typedMinor] = (manifest.devDependencies['@types/vscode']?.match(/\d+/g) ?? []).map(Number);
  assert.deepEqual([typedMajor, typedMinor], [major, minor]);
});

test('every sentence for the person stands in the bundle for translators, and none is left over', async () => {
  const texts = await scriptModule<{ sentencesOfSources(): string[] }>('texts.mjs');
  const sentences = new Set(texts.sentencesOfSources());
  const bundle = JSON.parse(read('l10n/bundle.l10n.json')) as Record<string, string>;
  assert.ok(sentences.size > 20);
  assert.deepEqual(Object.keys(bundle).sort(), [...sentences].sort());
  for (const [key, value] of Object.entries(bundle)) assert.equal(value, key);
});
