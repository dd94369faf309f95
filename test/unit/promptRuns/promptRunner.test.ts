import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import { emptyContext } from '../../../server/src/language/knowledge/context';
import { createDocument } from '../../../server/src/language/syntax/document';
import { PromptRunner } from '../../../server/src/lsp/promptFiles/promptRunner';
import { RunStates } from '../../../server/src/lsp/promptFiles/runStates';
import { PromptModels } from '../../../server/src/runs/promptModels';
import type { PreparedModel, Runner, RunRequest } from '../../../server/src/runs/runner';
import type { WatchedPictures } from '../../../server/src/runs/watchedPictures';
import { silentLog } from '../../../server/src/util/log';

const folder = path.resolve('/prompts');
const uri = pathToFileURL(path.join(folder, 'x.paligemma')).href;
const uris = Array.from({ length: 12 }, (_, index) => pathToFileURL(path.join(folder, `${index}.png`)).href);

/** A prompt file that names twelve pictures, and a runner that notes what it is asked. */
function setUp(text: string, run: (request: RunRequest) => Promise<RunResult>) {
  const asked: string[] = [];
  const runner = {
    prepare: ({ name = 'm' }) =>
      name === 'gone'
        ? Promise.reject(new Failure('modelMissing', 'There is no model gone.'))
        : Promise.resolve({ id: name, spec: { path: `/${name}` } } as PreparedModel),
    laneOf: ({ id }: PreparedModel) => ({ name: id, width: () => 1 }),
    run: (request: RunRequest) => {
      asked.push(`${request.model.id} ${request.prompt}`);
      return run(request);
    },
  } as unknown as Runner;
  const states = new RunStates();
  const prompts = new PromptRunner({
    runner,
    states,
    hashes: { get: () => Promise.resolve(undefined) } as unknown as WatchedPictures,
    context: { ...emptyContext, images: () => ({ uris, isGlob: true }) },
    modelsOf: documentUri => new PromptModels(runner, documentUri),
    log: silentLog,
    onDidChange: () => undefined,
  });
  const document = createDocument(uri, 0, text);
  const silent = { begin: () => undefined, progress: () => undefined };
  return { asked, states, summary: prompts.run(document, undefined, silent, CancellationToken.None) };
}

const answer = ({ prompt }: RunRequest) =>
  Promise.resolve({ prompt, suffix: 'yes', regions: [] } as unknown as RunResult);
const stateOf = (states: RunStates, imageUri: string | undefined, prompt: string, model?: string) =>
  states.get({ imageUri: imageUri ?? '', prompt, model, settings: {} });

test('a prompt that every picture refuses stops after the first, and the next prompt runs', async () => {
  const { asked, states, summary } = setUp(
    '@image *.png\ntoo long\nocr\n',
    request => request.prompt === 'ocr' ? answer(request) : Promise.reject(new Failure('promptTooLong', 'Too long.')),
  );
  assert.deepEqual(await summary, { done: 12, failed: 12, cancelled: 0, problems: ['Too long.'] });
  assert.deepEqual(asked, ['m too long', ...Array<string>(12).fill('m ocr')]);
  for (const imageUri of uris) {
    assert.deepEqual(stateOf(states, imageUri, 'too long'), { kind: 'failed', message: 'Too long.' });
  }
});

test('two models of one file end separately', async () => {
  const { asked, states, summary } = setUp(
    '@image *.png\n@model a\nocr\n@model b\nocr\n',
    request => request.model.id === 'a' ? Promise.reject(new Failure('outOfMemory', 'No memory.')) : answer(request),
  );
  assert.deepEqual(await summary, { done: 12, failed: 12, cancelled: 0, problems: ['No memory.'] });
  assert.equal(asked.filter(each => each === 'a ocr').length, 1);
  assert.equal(stateOf(states, uris[11], 'ocr', 'b')?.kind, 'done');
});

test('a model that cannot be had fails its own runs only', async () => {
  const { asked, states, summary } = setUp('@image *.png\n@model gone\nocr\n@model b\nocr\n', answer);
  assert.deepEqual(await summary, { done: 12, failed: 12, cancelled: 0, problems: ['There is no model gone.'] });
  assert.deepEqual(new Set(asked), new Set(['b ocr']));
  assert.deepEqual(stateOf(states, uris[0], 'ocr', 'gone'), { kind: 'failed', message: 'There is no model gone.' });
});
