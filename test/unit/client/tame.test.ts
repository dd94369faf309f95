import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tameError, tameJoined, tameOptions, tameOwner, tameShown } from '../../../client/src/common/tame';
import { consentText } from '../../../client/src/models/serverTexts';
import { cardText } from '../../../client/src/models/cardText';
import { problemReport } from '../../../client/src/commands/problemReport';
import { markdownReport } from '../../../client/src/runs/report';
import { statusWords } from '../../../client/src/statusText';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const evil = 'a\u001b]0;t\u0007\u009b31m\u202e\u2028\nb';
const shown = 'a\\u001b]0;t\\u0007\\u009b31m\\u202e\\u2028\\nb';
const wild = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u;

describe('what is given to the editor', () => {
  test('texts and items are made tame, data and icons stay the very same', () => {
    class Icon {}
    const [icon, model, buttons] = [new Icon(), { id: evil, label: evil }, [{ tooltip: evil }]];
    assert.equal(tameShown(evil), shown);
    const [item] = tameShown([{
      label: evil,
      description: evil,
      detail: evil,
      model,
      iconPath: icon,
      buttons,
      value: evil,
    }]);
    assert.deepEqual(item, {
      label: shown,
      description: shown,
      detail: shown,
      model,
      iconPath: icon,
      buttons,
      value: evil,
    });
    assert.equal(item.model, model);
    assert.equal(item.iconPath, icon);
    assert.equal(tameShown(undefined), undefined);
  });

  test('the detail of a message has lines of its own, which no name in them can add to', () => {
    const detail = tameJoined(['The folder stays.', evil], '\n');
    assert.equal(detail, `The folder stays.\n${shown}`);
    assert.deepEqual(tameOptions({ modal: true, detail: `${detail}\u001b` }), {
      modal: true,
      detail: `${detail}\\u001b`,
    });
    const consent = consentText(
      { id: 'm', mask: 'unknown', note: evil, resolutionPx: 224 },
      ['https://example.org/v1'],
      t,
    );
    assert.equal(consent.split('\n\n').at(-1), shown);
  });

  test('what is to be active in a pick list is one of its items', () => {
    const owner: { items: readonly object[]; activeItems: readonly object[] } = { items: [], activeItems: [] };
    const pick = tameOwner(owner);
    const items = [{ label: 'a' }, { label: evil }];
    pick.items = items;
    pick.activeItems = items.slice(1);
    assert.equal(owner.activeItems[0], owner.items[1]);
    assert.deepEqual(owner.activeItems, [{ label: shown }]);
    assert.equal(pick.activeItems[0], items[1], 'and is told as it was given');
    assert.equal(pick.items[0], items[0]);
  });

  test('a pick list or an item of the bar is set tame, also where the editor has frozen it', () => {
    class Owner {
      items: readonly { label: string }[] = [];
      text = '';
      value = '';
      readonly told: string[] = [];
      tell(word: string): this {
        this.told.push(word);
        return this;
      }
    }
    const owner = new Owner();
    const tame = tameOwner(owner);
    tame.items = [{ label: evil }];
    tame.text = evil;
    tame.value = evil;
    tame.tell('x');
    assert.deepEqual([owner.items, owner.text, owner.value, owner.told], [[{ label: shown }], shown, evil, ['x']]);
    const frozen = Object.freeze({ info: (text: string) => `raw ${text}`, level: 3 });
    const channel = tameOwner(frozen, { info: text => frozen.info(tameShown(text)) });
    assert.deepEqual([channel.info(evil), channel.level, 'level' in channel], [`raw ${shown}`, 3, true]);
  });

  test('an error keeps its stack as lines, and no name begins one', () => {
    const { message, stack = '' } = tameError(new Error(evil));
    assert.equal(message, shown);
    assert.doesNotMatch(stack, wild);
    const [first, second] = stack.split('\n');
    assert.equal(first, `Error: ${shown}`);
    assert.match(second ?? '', /^ {4}at /);
  });
});

test('the words of the status control nothing', () => {
  const words = statusWords({ state: 'failed', model: evil, detail: evil, sendsTo: evil }, t);
  assert.doesNotMatch(JSON.stringify(words), wild);
  for (const text of [words.text, words.title, words.sign, words.detail, words.spoken, ...words.facts]) {
    assert.doesNotMatch(text ?? '', /\n/);
  }
});

test('pages that are written in Markdown hold no name as it is', () => {
  const failed = {
    imageUri: 'file:///x',
    error: { code: 1002, kind: 'user', reason: 'imageUnreadable', message: `${evil}<img src=x>` },
  } as const;
  const list = markdownReport(evil, [{ path: evil, outcome: failed }], evil, t);
  const model = {
    id: evil,
    kind: 'mix',
    isInstalled: true,
    converted: [],
    path: `/x/${evil}|<b>`,
    problem: evil,
  } as const;
  const card = cardText(model, 'int4', t);
  const report = problemReport([{ name: evil, value: evil }], t);
  for (const page of [list, card, report]) {
    assert.doesNotMatch(page, wild);
    assert.doesNotMatch(page, /^b/m, 'no name begins a line');
    assert.doesNotMatch(page, /(?<!\\)<(?:img|b)\b/);
  }
});
