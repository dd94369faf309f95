// Lines 1, 2 and 31: what a workspace decides, before and after it is trusted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

interface Manifest {
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: unknown; readonly restrictedConfigurations: readonly string[] };
    readonly virtualWorkspaces: { readonly supported: unknown };
  };
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
    readonly commands: readonly { readonly command: string; readonly enablement?: string }[];
  };
}
const manifest = JSON.parse(readFileSync(path.resolve('package.json'), 'utf8')) as Manifest;
const read = (file: string) => readFileSync(path.resolve(file), 'utf8');

test('an untrusted workspace gets limited support, and its word on models and devices does not count', () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, 'limited');
  for (const key of ['paligemma.model', 'paligemma.modelFolders', 'paligemma.device', 'paligemma.tuning.python']) {
    assert.ok(restrictedConfigurations.includes(key), key);
  }
});

test('settings that name folders, devices, servers or keys belong to the machine', () => {
  const properties = Object.entries(manifest.contributes.configuration.properties);
  const sensitive = properties.filter(([key]) =>
    /folder|path|device|server|url|token|key(?!p)|proxy|endpoint/i.test(
      key.replace(/^paligemma\.|maxNewTokens|keepLoadedMinutes/g, ''),
    )
  );
  assert.ok(sensitive.length >= 2);
  for (const [key, { scope }] of sensitive) assert.equal(scope, 'machine', key);
});

test('any other setting belongs to the machine too, unless what it chooses can be anybody’s choice', () => {
  const open = Object.entries(manifest.contributes.configuration.properties).filter(([, { scope }]) =>
    scope !== 'machine'
  ).map(([key]) => key.replace('paligemma.', ''));
  // `model` names what is there; the others are switches, numbers and words of a list.
  assert.deepEqual(open.sort(), [
    'altTextFindings',
    'attention',
    'dataSetFindings',
    'dataSetLenses',
    'inlineCaptions',
    'keepLoadedMinutes',
    'language',
    'locDivisor',
    'maxNewTokens',
    'model',
    'textLayer',
    'tiles',
    'weights',
  ]);
});

test('commands that are not about the extension itself need trust', () => {
  const free = manifest.contributes.commands.filter(({ enablement }) =>
    enablement?.includes('isWorkspaceTrusted') !== true
  ).map(({ command }) => command.replace('paligemma.', ''));
  const harmless =
    /^(?:chooseModel|addModelFolder|unloadModel|showStatus|showLog|showResults|showDataSet|openSampleDataSet|openWalkthrough|openSamplePrompts|reportProblem|showModelCard|\w*(?:Model|Models|Server|Servers|Token|Key|Log|Problem|Walkthrough|Engraver|Regions?|RegionLabel|OnlyLabel))$/;
  for (const name of free) assert.match(name, harmless);
});

test('nothing is trained in a workspace that is not trusted, whoever asks the server', () => {
  const text = read('server/src/lsp/requests/tuningRequests.ts');
  assert.ok(text.indexOf('trust.isGiven') > 0 && text.indexOf('trust.isGiven') < text.indexOf('return tune('));
  assert.match(read('client/src/tuning/fineTune.ts'), /isTrustedOrAsk\(\)/);
});

test('the code asks too, for what comes without a command of the manifest', () => {
  assert.match(
    read('client/src/connection/languageClient.ts'),
    /executeCommand: \(command, args: unknown\[\], next\): unknown =>\s+isTrustedOrAsk\(\) \? this\.execute\(command, args, next\) : undefined/,
  );
  for (
    const file of [
      'client/src/viewer/imageViews.ts',
      'client/src/altText/writeMissing.ts',
      'client/src/commands/runTask.ts',
      'client/src/runs/imageRuns.ts',
      'client/src/tuning/fineTune.ts',
      'client/src/ocr/ocrToEditor.ts',
      'client/src/ocr/pasteAndDrop.ts',
    ]
  ) {
    const text = read(file);
    if (/\.run\(|\.ask\(|execute\(/.test(text)) {
      assert.ok(/isTrusted|consent/i.test(text), `${file} runs a model and never asks for trust`);
    }
  }
});
