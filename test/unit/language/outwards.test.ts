// Whatever a prompt file, a file's name, a label, a model's name or an answer holds: nothing that controls reaches what
// an editor shows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeActions } from '../../../server/src/language/features/codeActions';
import { codeLenses } from '../../../server/src/language/features/codeLenses';
import { completePrompt, resolveCompletion } from '../../../server/src/language/features/completion';
import { documentLinks } from '../../../server/src/language/features/documentLinks';
import { documentSymbols } from '../../../server/src/language/features/documentSymbols';
import { promptHover } from '../../../server/src/language/features/hover';
import { inlayHints } from '../../../server/src/language/features/inlayHints';
import { signatureHelp } from '../../../server/src/language/features/signatureHelp';
import { diagnose } from '../../../server/src/language/findings/diagnostics';
import type { LanguageContext } from '../../../server/src/language/knowledge/context';
import { applyItem, contextWith, demo, done, parse } from './promptSupport';

const evil = 'x\u001b[31m\u009b\u0007\u202e\u2066y\u2028z';
/** No line of a document holds them; a name, a label and an answer do. */
const evilLines = `${evil}\n\r\u0085`;
const uriOf = (name: string) => `file:///workspace/prompts/${encodeURIComponent(name)}`;
const [picture, other] = [`${evil}.png`, `${evilLines}.png`].map(uriOf) as [string, string];
const failed = { kind: 'failed', message: evilLines } as const;

const context: LanguageContext = contextWith({
  models: [demo, { ...demo, id: evilLines, kind: 'mix', problem: evilLines }],
  labels: [evilLines, evil],
  imageFiles: [picture, other, uriOf('a.png')].map(uri => ({ uri })),
  images: (_, path) => ({ uris: path.startsWith('no') ? [] : [picture, other], isGlob: path.includes('*') }),
  imageFacts: uri => uri === picture ? undefined : { widthPx: 640, heightPx: 480, thumbnailUri: 'file:///t.png' },
  runState: ({ prompt, imageUri }) =>
    prompt.startsWith('ocr')
      ? failed
      : imageUri === other
      ? failed
      : done(`${evilLines} <loc0001><loc0002><loc0300><loc0400> ${evilLines}`),
});

const text = [
  `@model ${evil}`,
  `@model ./${evil}`,
  `@image "${evil}.png", *.png`,
  `@image no${evil}.png`,
  `@${evil} 1`,
  `@set ${evil} 3`,
  '@set device ',
  '@image *.png, ',
  `caption ${evil}`,
  `caption xx${evil}`,
  `  => ${evil}`,
  `detect ${evil} , b and ${evil}`,
  `detect ${evil} ; ${evil}`,
  '  => <loc0001><loc0002><loc0003><loc0004> cup',
  `dettect ${evil}`,
  `ocr ${evil}`,
  `answer en ${evil}`,
  `segment <loc9999> ${evil}`,
  evil,
  'detect ',
  '@model ',
].join('\n');
const document = parse(text);
const everywhere = document.lines.flatMap((line, at) =>
  Array.from({ length: line.text.length + 1 }, (_, character) => ({ line: at, character }))
);
const whole = { start: { line: 0, character: 0 }, end: { line: document.lines.length - 1, character: 0 } };

/** Fields of LSP that a person reads. */
const shownFields = new Set(['label', 'title', 'message', 'detail', 'documentation', 'tooltip', 'name', 'value']);
const wild = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066\u2067\ufeff]/u;
const wildOnALine = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066\u2067\ufeff]/u;

/** Checks every string that is shown; blocks of Markdown have lines of their own. */
function assertTame(value: unknown, field = '', isBlock = false): void {
  if (typeof value === 'string') {
    if (shownFields.has(field)) {
      assert.doesNotMatch(value, isBlock ? wild : wildOnALine, `${field}: ${JSON.stringify(value)}`);
    }
  } else if (Array.isArray(value)) {
    for (const each of value) assertTame(each, field, isBlock);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      if (name !== 'edit' && name !== 'data') assertTame(each, name, 'kind' in value && name === 'value');
    }
  }
}

describe('nothing that controls is shown by', () => {
  test('diagnostics', () => {
    const found = diagnose(document, context);
    assert.ok(found.length > 10);
    assertTame(found);
  });

  test('code actions and their fixes', () => {
    const found = codeActions(document, whole, { diagnostics: [] }, context);
    assert.ok(found.length > 3);
    assertTame(found);
  });

  test('hovers', () => {
    const found = everywhere.map(position => promptHover(document, position, context));
    assert.ok(found.filter(hover => hover !== undefined).length > 50);
    assertTame(found);
  });

  test('completion, while what is inserted stays as it is', () => {
    const found = everywhere.map(position => completePrompt(document, position, context).items);
    const items = found.flat();
    for (const item of new Map(items.map(each => [`${each.label} ${JSON.stringify(each.data)}`, each])).values()) {
      assertTame(resolveCompletion(item, context));
    }
    assertTame(items);
    const named = completePrompt(document, { line: 7, character: 14 }, context).items.find(({ label }) =>
      label.includes('\\u001b')
    );
    assert.ok(named !== undefined, 'the label is tame');
    const written = applyItem(document, named).split('\n')[7];
    assert.ok(written === `@image *.png, ${evil}.png` || written === `@image *.png, "${evil}.png"`, written);
    assert.ok(!items.some(({ label }) => label.includes('\\n.png')), 'a name with a line break has no place in a line');
  });

  test('symbols, hints, lenses, links and signatures', () => {
    const hints = inlayHints(document, whole, context);
    assert.ok(hints.length > 3);
    assertTame([documentSymbols(document), hints, codeLenses(document, context), documentLinks(document, context)]);
    assertTame(everywhere.map(position => signatureHelp(document, position, context)));
  });
});
