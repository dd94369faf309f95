import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { recommendedModel } from '../../../client/src/models/recommended';
import { sizeText } from '../../../client/src/models/sizeText';
import { publishedModels } from '../../../server/src/models/catalog/publishedModels';

interface Step {
  readonly id: string;
  readonly media: { readonly markdown: string };
  readonly completionEvents: readonly string[];
}

const read = (file: string): string => readFileSync(path.resolve(file), 'utf8');
const { contributes: { walkthroughs: [walkthrough] } } = JSON.parse(read('package.json')) as {
  readonly contributes: { readonly walkthroughs: readonly { readonly steps: readonly Step[] }[] };
};
const steps = walkthrough?.steps ?? [];
const texts = ['package.nls.json', 'package.nls.de.json'].map(file => JSON.parse(read(file)) as Record<string, string>);

test('the walkthrough begins with alt text', () => {
  assert.equal(steps[0]?.id, 'paligemma.altText');
});

test('a step is ticked when its work is done, never because it was opened or its command was called', () => {
  for (const { id, completionEvents } of steps) {
    const events = id === 'paligemma.prompts' ? ['onCommand:paligemma.openSamplePrompts'] : [
      `onContext:${id.replace('.', '.done.')}`,
    ];
    assert.deepEqual(completionEvents, events, id);
  }
});

test('descriptions of steps hold no marks that the editor shows as they are', () => {
  for (const language of texts) {
    const described = Object.entries(language).filter(([key]) => key.startsWith('walkthrough.'));
    assert.ok(described.length > 6);
    for (const [key, text] of described) assert.doesNotMatch(text, /`|!\[/, key);
  }
});

test('code in the pages of the steps holds no link, whose address the editor would write anew', () => {
  for (const { media: { markdown } } of steps) {
    const code = [...read(markdown).matchAll(/`[^`]+`/g)].map(([text]) => text);
    for (const text of code) assert.doesNotMatch(text, /\]\(/, markdown);
  }
});

test('every page has a German one, with the same pictures, links and rows', () => {
  for (const { media: { markdown } } of steps) {
    const german = read(markdown.replace(/\.md$/, '.nls.de.md'));
    for (const what of [/\]\([^)]+\)/g, /^[|>\d-]/gm]) {
      const found = [german, read(markdown)].map(page => [...page.matchAll(what)].map(([text]) => text));
      assert.deepEqual(found[0], found[1], markdown);
    }
  }
});

for (const [page, digits] of [['model.md', 'en'], ['model.nls.de.md', 'de']] as const) {
  test(`the page about models says the numbers of the lists: ${page}`, async () => {
    const mark = digits === 'de' ? ',' : '.';
    const local = (text: string, ...values: (string | number | boolean)[]) =>
      text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]).replace('.', mark));
    const published = await publishedModels([], { modelsPath: path.resolve('nowhere'), totalMemoryBytes: 64e9 });
    const text = read(`media/walkthrough/${page}`);
    const rows = [...text.matchAll(/^\| \[([^\]]+)\].* \| (\d+) px \| (.*) \| (.*) \|$/gm)];
    assert.equal(rows.length, 4);
    for (const [, id, resolution, download, memory] of rows) {
      const model = published.find(each => each.id === id) ?? assert.fail(id);
      assert.deepEqual([Number(resolution), download, memory], [
        model.resolutionPx,
        sizeText(model.downloadBytes ?? 0, local as never),
        sizeText(model.memoryBytes?.int4 ?? 0, local as never),
      ]);
    }
    const recommended = recommendedModel(published, 'int4')?.id ?? assert.fail('none is recommended');
    assert.ok(/^.*(?:to begin with|Beginnen Sie mit).*$/m.exec(text)?.[0].includes(`\`${recommended}\``));
  });
}
