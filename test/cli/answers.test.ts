// The built command line with the demo model on the sample pictures: text, verbs, several pictures, limits.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { hasTerminal, linesOf, objectsOf, onTerminal, runCommand, temporaryFolder } from '../support/commandLine';
import type { CommandResult } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { recordedAnswer, samplePath } from '../support/samples';

const cache = temporaryFolder();
withDemoModel(cache.path);
after(() => cache.remove());

/** Exact weights, so that the answers are those of the reference. */
const exact = ['--model', 'demo', '--weights', 'f32', '--device', 'cpu'];
const paligemma = (...args: string[]) => runCommand(args, { cache: cache.path });

function succeeded(result: CommandResult): CommandResult {
  assert.equal(result.code, 0, `exit code ${result.code}, signal ${result.signal}\n${result.stderr}`);
  return result;
}

describe('text', () => {
  test('a caption is the recorded answer, alone on stdout', async () => {
    const result = succeeded(await paligemma('caption', samplePath('01.png'), ...exact));
    assert.equal(result.stdout, `${recordedAnswer('01.png', 'caption en')}\n`);
    assert.ok(!result.stderr.includes(recordedAnswer('01.png', 'caption en')), 'the answer is on stdout only');
  });

  test('without options the best installed model answers, and its name is on stderr', async () => {
    const result = succeeded(await paligemma('caption', samplePath('01.png')));
    assert.equal(result.stdout, `${recordedAnswer('01.png', 'caption en')}\n`);
    assert.match(result.stderr, /paligemma2-demo-224/, 'the demo model is never used without being named');
  });

  test('several pictures give one line each, with the path as it was given', async () => {
    const images = ['02.png', '01.png', '03.png'];
    const result = succeeded(
      await runCommand(['run', 'cap en', ...images, ...exact], { cache: cache.path, cwd: samplePath('.') }),
    );
    assert.deepEqual(linesOf(result), images.map(image => `${image}\t${recordedAnswer(image, 'cap en')}`));
  });

  test('an empty answer is an empty line', async () => {
    assert.equal(recordedAnswer('01.png', 'ocr'), '');
    assert.equal(succeeded(await paligemma('ocr', samplePath('01.png'), ...exact)).stdout, '\n');
  });
});

describe('verbs', () => {
  const cases: readonly (readonly [verb: readonly string[], image: string, prompt: string])[] = [
    [['describe'], '01.png', 'describe en'],
    [['caption', '--lang', 'fr'], '01.png', 'caption fr'],
    [['ask', 'what shape is blue?'], '01.png', 'answer en what shape is blue?'],
    [['detect', 'star'], '01.png', 'detect star'],
    [['run', 'question en black'], '01.png', 'question en black'],
  ];
  for (const [verb, image, prompt] of cases) {
    test(`${verb.join(' ')} sends “${prompt}”`, async () => {
      const [object] = objectsOf(succeeded(await paligemma(...verb, samplePath(image), ...exact, '--json')));
      assert.equal(object?.['prompt'], prompt);
      assert.equal(object['suffix'], recordedAnswer(image, prompt));
    });
  }

  test('the empty prompt is sent as it is', async () => {
    const [object] = objectsOf(succeeded(await paligemma('run', '', samplePath('01.png'), ...exact, '--json')));
    assert.equal(object?.['prompt'], '');
  });
});

test('a prompt that the model was not trained for is answered, and standard error says so once', async () => {
  const result = succeeded(
    await paligemma('run', 'Who is this?', samplePath('01.png'), samplePath('02.png'), ...exact),
  );
  assert.equal(linesOf(result).length, 2);
  assert.equal(result.stderr.match(/“Who” is not a task that the demo model knows/g)?.length, 1, result.stderr);
});

describe('limits and the store', () => {
  test('--max-new-tokens ends the answer and says so', async () => {
    const [object] = objectsOf(
      succeeded(await paligemma('caption', samplePath('02.png'), ...exact, '--json', '--max-new-tokens', '3')),
    );
    assert.equal(object?.['stopReason'], 'maxNewTokens');
    assert.equal((object['tokenIds'] as unknown[]).length, 3);
    assert.ok(recordedAnswer('02.png', 'caption en').startsWith(String(object['suffix'])));
  });

  test('the same run again gives the same object, with and without the store', async () => {
    const args = ['caption', samplePath('03.png'), ...exact, '--json'];
    const [first] = objectsOf(succeeded(await paligemma(...args)));
    const [again] = objectsOf(succeeded(await paligemma(...args)));
    const [anew] = objectsOf(succeeded(await paligemma(...args, '--no-cache')));
    assert.deepEqual(withoutTimings(again), withoutTimings(first));
    assert.deepEqual(withoutTimings(anew), withoutTimings(first));
  });
});

function withoutTimings(object: Record<string, unknown> | undefined): Record<string, unknown> {
  const { timings: _timings, ...rest } = object ?? {};
  return rest;
}

test('detect gives a person columns, and a program or --raw the answer as it was written', async t => {
  const detect = ['detect', 'star', samplePath('01.png'), ...exact];
  const answer = recordedAnswer('01.png', 'detect star');
  assert.deepEqual(linesOf(succeeded(await paligemma(...detect))), [answer]);
  if (!hasTerminal()) return t.skip('no program `script` for a terminal');
  const [{ box, label }] = objectsOf(await paligemma(...detect, '--json'))[0]?.['regions'] as [
    { readonly label: string; readonly box: Readonly<Record<string, number>> },
  ];
  const columns = [label, ...['x1', 'y1', 'x2', 'y2'].map(side => Math.round(box[side]!))].join(' ');
  const shown = (text: string) => text.replace(/\s+/g, ' ').trim();
  const options = { cache: cache.path };
  assert.ok(shown(await onTerminal(detect, options)).includes(columns));
  const raw = await onTerminal([...detect, '--raw'], options);
  assert.ok(raw.includes(answer) && !shown(raw).includes(columns), raw);
});
