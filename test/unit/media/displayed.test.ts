import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToViewer } from '../../../client/src/contract/viewer';
import { failedView } from '../../../client/src/viewer/viewState';
import { viewWords } from '../../../client/src/viewer/viewWords';
import { displayed } from '../../../media/viewer/displayed';
import { viewOf } from '../../support/results';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
const evil = 'a\u001b[31m\u009b\u202e\u2066\u2028b';
const wild = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u;
const box = { x1: 0, y1: 0, x2: 10, y2: 10 };

function show(error?: string): Extract<ToViewer, { readonly type: 'show' }> {
  const result = {
    suffix: `${evil}\nsecond`,
    text: `${evil}\nsecond`,
    regions: [{ label: `${evil}\n`, box }],
    model: evil,
  };
  const done = { ...viewOf(result), imageName: `${evil}\n.png`, prompt: evil, modelNote: `${evil}\n` };
  const view = error === undefined ? done : failedView(done, error);
  const banner = { kind: 'changed', text: evil, action: 'reload', actionLabel: evil } as const;
  return {
    type: 'show',
    view,
    imageSrc: 'data:,',
    words: viewWords(view, t),
    help: { history: [], tasks: [], languages: [], labels: [] },
    answer: {
      shown: { kind: 'report', data: { sections: [{ heading: evil, paragraphs: [evil] }] } },
      text: `${evil}\nsecond`,
      regions: result.regions,
      choices: [{ title: evil, isChosen: true }],
      faults: [evil],
      hasForms: true,
      notes: [evil],
    },
    banner,
  };
}

test('names, labels, answers and sentences of a view control nothing, and lines are the answer’s own', () => {
  for (const message of [show(), show(`${evil}\n`)]) {
    const { view, words, banner, answer } = displayed(message);
    const { prompt: _, result, ...shown } = view;
    for (
      const text of [
        ...[shown, words, banner, answer].map(value => JSON.stringify(value)),
        answer!.text!,
        result!.text,
        result!.suffix,
      ]
    ) {
      assert.doesNotMatch(text, wild);
    }
    assert.doesNotMatch(view.imageName + (view.modelNote ?? '') + (view.error ?? '') + words.statusText, /\n/);
    assert.doesNotMatch(result!.regions[0]!.label + words.regionLabels.join(''), /\n/);
    assert.deepEqual([result!.text.split('\n').at(-1), result!.suffix.split('\n').at(-1)], ['second', 'second']);
  }
});

test('the raw answer loses nothing, and what the person edits stays as it is', () => {
  const { view } = displayed(show());
  assert.equal(view.prompt, evil);
  assert.equal(view.result!.suffix, 'a\\u001b[31m\\u009b\\u202e\\u2066\\u2028b\nsecond');
});

test('what is told while a run is in progress controls nothing either', () => {
  const progress = displayed({ type: 'progress', statusText: `${evil}\n`, text: `${evil}\nsecond` });
  assert.doesNotMatch(progress.statusText, /[\n\u001b]/);
  assert.doesNotMatch(progress.text, wild);
  assert.doesNotMatch(displayed({ type: 'notice', text: `${evil}\n` }).text, /[\n\u001b\u202e]/);
});
