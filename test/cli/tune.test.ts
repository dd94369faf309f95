// `paligemma tune`: what is asked of it, what it tells, and how it is stopped. A program that does as it is told stands in for Python.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { objectsOf, runCommand, startCommand, temporaryFolder } from '../support/commandLine';
import { demoAdapter } from '../support/demoAdapter';
import { withDemoModel } from '../support/demoCache';
import { until } from '../support/processes';
import { done, skip, standIn, start, step, trainingScript } from '../support/trainings';

const folder = temporaryFolder();
const cache = folder.at('cache');
withDemoModel(cache);
after(() => folder.remove());

let count = 0;
let data = '';
let out = '';
const words = (...more: string[]) => ['tune', data, '--model', 'demo', '--out', out, '--python', standIn, ...more];
function prepare(...acts: readonly Readonly<Record<string, unknown>>[]): void {
  data = trainingScript(folder.at(`data-${count}`), acts);
}
beforeEach(() => {
  count++;
  mkdirSync(folder.at(`data-${count}`));
  out = folder.at(`adapter-${count}`);
});

describe('paligemma tune', { skip }, () => {
  test('tells how it goes, and puts the adapter with its base into the list of models', async () => {
    const sample = {
      event: 'sample',
      step: 4,
      image: 'a.png',
      prefix: 'caption en',
      expected: 'a bus',
      answer: 'a\nbox',
    };
    const judged = { event: 'eval', step: 4, set: 'valid', loss: 0.25, exact: 1, lines: 2 };
    prepare({ say: start }, { say: step(1) }, { say: judged }, { say: sample }, { adapter: true }, { say: done });
    const result = await runCommand(words(), { cache });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, `${out}\n`);
    assert.match(result.stderr, /8 lines, 2 held out; 4 steps in 2 epochs; 0\.195 M of 4\.46 M weights, f32 on cpu\./);
    assert.match(result.stderr, /Held-out lines after step 4: loss 0\.250, 1 of 2 answers exact/);
    assert.match(result.stderr, /a\.png {2}"caption en" {2}"a\\nbox" {2}\(expected "a bus"\)/);
    const listed = objectsOf(await runCommand(['models', 'list', '--json'], { cache }));
    const adapter = listed.find(({ id }) => id === `adapter-${count}`);
    assert.equal(adapter?.['adapter'], out);
    assert.match(String(adapter?.['path']), /paligemma2-demo-224$/);
    assert.equal(adapter?.['problem'], undefined);
    assert.equal(listed[0]?.['id'], 'paligemma2-demo-224', 'an adapter is never taken without being named');
  });

  test('prints what the trainer says as it comes with --json, and the model at the end', async () => {
    prepare({ say: start }, { say: step(1) }, { raw: 'Loading weights: 100%\n' }, { adapter: true }, { say: done });
    const result = await runCommand(words('--json'), { cache });
    const objects = objectsOf(result);
    assert.deepEqual(objects.map(({ event }) => event), ['start', 'step', 'done', 'model']);
    assert.deepEqual(objects[1], step(1));
    assert.deepEqual([objects[3]?.['id'], objects[3]?.['kind']], [`adapter-${count}`, 'adapter']);
  });

  test('an adapter that is listed goes by its name and its folder, and its entry alone is removed', async () => {
    prepare({ adapter: true }, { say: done });
    await runCommand(words(), { cache });
    const refused = await runCommand(['tune', data, '--model', out, '--out', folder.at('x'), '--python', standIn], {
      cache,
    });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is an adapter\. Name the model that it was trained on: .*paligemma2-demo-224/);
    const removed = await runCommand(['models', 'remove', `adapter-${count}`, '--yes'], { cache });
    assert.equal(removed.code, 0, removed.stderr);
    assert.ok(existsSync(`${out}/adapter_config.json`));
    const listed = objectsOf(await runCommand(['models', 'list', '--json'], { cache }));
    assert.ok(!listed.some(({ id }) => id === `adapter-${count}`));
  });

  test('a trainer that refuses or dies fails the command with its sentence', async () => {
    prepare({ say: { event: 'error', reason: 'dataTooLong', message: 'Line 7 has 600 tokens.' } }, { exit: 1 });
    const result = await runCommand(words('--json'), { cache });
    assert.equal(result.code, 1);
    const { error } = objectsOf(result).at(-1) as {
      readonly error: { readonly code: number; readonly message: string };
    };
    assert.deepEqual([error.code, error.message], [failureTable.trainingRefused.code, 'Line 7 has 600 tokens.']);
    prepare({ say: step(1) }, { exit: 9 });
    assert.match(
      (await runCommand(words(), { cache })).stderr,
      /exit code 9 before its work was done\. .*last checkpoint/,
    );
  });

  test('a result that is not there is not believed', async () => {
    prepare({ say: done });
    const result = await runCommand(words(), { cache });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /said that it was done, but .* holds no adapter_config\.json/);
  });

  test('Ctrl+C lets the trainer end its step, and says that the same command goes on', async () => {
    prepare({ say: start }, { await: 'end' }, { say: { event: 'saved', step: 1, path: '$OUT/checkpoints/step-1' } }, {
      exit: 130,
    });
    const command = startCommand(words(), { cache });
    await until('the start', 60_000, () => command.output().stderr.includes('held out') ? true : undefined);
    command.child.kill('SIGINT');
    const result = await command.ended;
    assert.equal(result.code, 130);
    assert.match(
      result.stderr,
      /Stopping after this step[^]*Checkpoint after step 1[^]*goes on from the last checkpoint/,
    );
  });

  test('a second Ctrl+C ends it at once', async () => {
    prepare({ say: start }, { hang: true });
    const command = startCommand(words(), { cache });
    await until('the start', 60_000, () => command.output().stderr.includes('held out') ? true : undefined);
    command.child.kill('SIGINT');
    await until('the note', 60_000, () => command.output().stderr.includes('Stopping') ? true : undefined);
    command.child.kill('SIGINT');
    assert.equal((await command.ended).code, 130);
  });

  test('neither keys nor tokens reach the trainer', async () => {
    prepare({ environment: 'HF_TOKEN' }, { environment: 'PALIGEMMA_API_KEY' }, { environment: 'HF_HUB_OFFLINE' }, {
      exit: 1,
    });
    const env = { HF_TOKEN: 'hf_secret', PALIGEMMA_API_KEY: 'secret' };
    const result = await runCommand(words('--json'), { cache, env });
    assert.deepEqual(objectsOf(result).slice(0, 3).map(({ answer }) => answer), ['(none)', '(none)', '1']);
  });
});

interface Evaluated {
  readonly event: string;
  readonly when?: string;
  readonly set?: string;
  readonly summary?: {
    readonly adapter: string | null;
    readonly weights: string;
    readonly lines: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly against?: { readonly better: number; readonly worse: number; readonly same: number };
  };
}

describe('the evaluation after a training', { skip }, () => {
  const pictures = path.resolve('test/fixtures/demo-heldout');
  const all = path.join(pictures, 'reference.jsonl');
  const valid = folder.at('valid.jsonl');
  const answers = readFileSync(all, 'utf8').split('\n').filter(line => line.includes('"answer en')).slice(0, 3);
  writeFileSync(valid, answers.map(line => `${line.replace('"image":"', `"image":"${pictures}/`)}\n`).join(''));
  const held = (...more: string[]) => words('--valid', valid, '--limit', '2', '--weights', 'f32', ...more);
  // The stand-in does nothing with a line that tells it nothing.
  const trainedOn = {
    image: path.join(pictures, '00.png'),
    prefix: 'answer en is there a phone?',
    suffix: 'no',
  };
  const trains = (strength: number) =>
    prepare(trainedOn, { copy: demoAdapter(folder.at(`made-${count}`), strength) }, { say: done });

  test('tells the figures of the base and of the adapter, and those of lines that were trained on', async () => {
    trains(40);
    const result = await runCommand(held('--json'), { cache });
    assert.equal(result.code, 0, result.stderr);
    const told = objectsOf(result) as unknown as readonly Evaluated[];
    assert.deepEqual(told.map(({ event, when, set }) => [event, when, set]), [
      ['done', undefined, undefined],
      ['model', undefined, undefined],
      ['evaluated', 'before', 'valid'],
      ['evaluated', 'after', 'valid'],
      ['evaluated', 'after', 'train'],
    ]);
    const [before, after, trained] = told.slice(2).map(({ summary }) => summary);
    assert.deepEqual([before?.adapter, before?.weights, before?.lines], [null, 'f32', 2]);
    assert.equal(before?.metrics['exact'], 1, 'the lines are what the demo model answers');
    assert.deepEqual([after?.adapter, after?.weights, after?.lines], [out, 'f32', 2]);
    assert.ok((after?.against?.worse ?? 0) > 0, 'an adapter as strong as this one spoils answers');
    assert.equal(trained?.lines, 1);
  });

  test('is read by a person side by side, and leaves the folder alone on standard output', async () => {
    trains(0);
    const result = await runCommand(held(), { cache });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, `${out}\n`);
    assert.match(result.stderr, /2 at most, before and after the training, with f32\./);
    assert.match(result.stderr, /paligemma2-demo-224 \+ .*adapter-\d+ f32/);
    assert.match(result.stderr, /compared with paligemma2-demo-224 f32: 0 better, 0 worse, 2 the same/);
    assert.match(result.stderr, /exact +1 +1 +\+0/);
  });

  test('compares a whole checkpoint with its base too', async () => {
    const checkpoint = path.resolve('model-host/demo-model/paligemma2-demo-224');
    prepare(trainedOn, { copy: checkpoint }, { say: { ...done, kind: 'checkpoint' } });
    const result = await runCommand(held('--method', 'full', '--json'), { cache });
    assert.equal(result.code, 0, result.stderr);
    const [, after] = (objectsOf(result) as unknown as readonly Evaluated[]).filter(({ event }) =>
      event === 'evaluated'
    );
    assert.deepEqual([after?.summary?.adapter, after?.summary?.against?.same], [null, 2], result.stderr);
  });

  test('is left out where nobody wants it', async () => {
    trains(0);
    const result = await runCommand(held('--no-evaluation', '--json'), { cache });
    assert.deepEqual(objectsOf(result).map(({ event }) => event), ['done', 'model']);
  });

  test('a result that cannot be evaluated is in the list all the same', async () => {
    prepare({ adapter: true }, { say: done });
    const result = await runCommand(held(), { cache });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /was not evaluated, and stays in the list of models\./);
    const listed = objectsOf(await runCommand(['models', 'list', '--json'], { cache }));
    assert.ok(listed.some(({ id }) => id === `adapter-${count}`));
  });

  test('Ctrl+C leaves the model in the list, and the same command goes on with the evaluation', async () => {
    trains(0);
    const command = startCommand(words('--valid', all, '--weights', 'f32'), { cache });
    await until('the evaluation', 60_000, () => command.output().stderr.includes('Evaluating') ? true : undefined);
    command.child.kill('SIGINT');
    const stopped = await command.ended;
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /is complete and adapter-\d+ stays in the list[^]*goes on with the evaluation/);
    assert.doesNotMatch(stopped.stderr, /Stopping after this step/);
    prepare(trainedOn, { say: { ...done, past: true } });
    const again = await runCommand(held(), { cache });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /complete already; nothing is trained again[^]*compared with/);
  });
});

const mistakes: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
  [[], /takes one file/],
  [['a', 'b', '--model', 'demo', '--out', 'o'], /takes one file/],
  [['a', '--out', 'o'], /needs a model/],
  [['a', '--model', 'demo'], /needs a folder for the result/],
  [['a', '--model', 'demo', '--out', 'o', '--method', 'dora'], /--method takes one of lora, qlora, full/],
  [['a', '--model', 'demo', '--out', 'o', '--valid', ''], /--valid needs a file/],
  [['a', '--model', 'demo', '--out', 'o', '--limit', '0'], /--limit takes a whole number/],
];
for (const [args, sentence] of mistakes) {
  test(`tune ${args.join(' ')} is a mistake of the command line`, async () => {
    const result = await runCommand(['tune', ...args], { cache });
    assert.equal(result.code, 2);
    assert.match(result.stderr, sentence);
  });
}
