import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver-types';
import type { LanguageContext } from '../../../server/src/language/knowledge/context';
import { diagnosticCodes } from '../../../server/src/language/findings/diagnosticCodes';
import { diagnose, findAll } from '../../../server/src/language/findings/diagnostics';
import { changeDocument } from '../../../server/src/language/syntax/document';
import { fixesOf } from '../../../server/src/language/findings/findings';
import { applyEdits, contextWith, demo, done, mix448, parse, pt224, textIn } from './promptSupport';

const image = '@image a.png\n';
const plain = contextWith({ files: { 'a.png': {} } });
const on = (model: string, rest: Partial<LanguageContext> = {}) =>
  contextWith({ files: { 'a.png': {} }, defaultModel: model, ...rest });

/** `code: covered text` of every finding below an `@image` line. */
function findings(text: string, context: LanguageContext = plain): string[] {
  const document = parse(image + text);
  return diagnose(document, context).map(diagnostic => `${diagnostic.code}: ${textIn(document, diagnostic.range)}`);
}

/** The text after a fix of the first finding of a code. */
function fixed(text: string, code: string, context: LanguageContext = plain, index = 0): string {
  const document = parse(image + text);
  const finding = findAll(document, context).find(candidate => candidate.code === code);
  assert.ok(
    finding !== undefined,
    `no ${code} in ${text}: ${findAll(document, context).map(other => other.code).join()}`,
  );
  const fix = fixesOf(finding)[index];
  assert.ok(fix !== undefined, `no fix ${index} for ${code}`);
  return applyEdits(document, fix.edits).slice(image.length);
}

const legal = [
  'caption en',
  'caption de',
  'describe en',
  'ocr',
  'answer en What is this?',
  'answer en  two spaces choose from: a \t b',
  'question en gray',
  'detect cup',
  'detect cup ; plate',
  'segment person in red',
  '""',
  '\\# literal',
  '\\  spaces kept ',
  'caption <loc0100><loc0000><loc0900><loc0512>',
  'Question: which?\\\nOptions: (A) x\\\nAnswer:',
];

test('the documented prompts are without findings on mix, pt and unknown checkpoints', () => {
  for (const model of [mix448.id, pt224.id, 'some-model']) {
    for (const text of legal) {
      const isFree = model === pt224.id && /^(?:\\#|\\ |Question|detect cup ; )/.test(text);
      if (!isFree) assert.deepEqual(findings(text, on(model)), [], `${text} on ${model}`);
    }
  }
});

test('free text is welcome on mix', () => {
  for (
    const text of [
      'What is this?',
      'Describe the image in great detail',
      'describe the image',
      'How many candies are there?',
      'Read text',
      'caption this image',
      'responda pt que',
      'answer the question',
      'captions please me',
      'question everything',
      'segments of an orange',
      'Detected objects?',
      'Answer no if unsure',
      'Describe it',
    ]
  ) assert.deepEqual(findings(text).filter(found => !found.startsWith('chat')), [], text);
});

test('no legal prompt is an error', () => {
  for (const model of [mix448.id, pt224.id, demo.id, 'google/paligemma2-3b-ft-docci-448', 'x']) {
    for (
      const text of [
        ...legal,
        'hello',
        'Detect Cup, plate and fork',
        'captoin xx',
        '<image><bos>',
        'a\\n',
        ';;;',
        'detect ;',
        ' x ',
        '\u200b',
        '\ud83d',
        'caption',
        '<loc9999>',
      ]
    ) {
      for (const diagnostic of diagnose(parse(image + text), on(model))) {
        assert.notEqual(diagnostic.severity, DiagnosticSeverity.Error, `${diagnostic.code} for ${text}`);
      }
    }
  }
});

test('unknown task: only where the checkpoint knows task prompts alone', () => {
  assert.deepEqual(findings('What is this?', on(pt224.id)), ['unknown-task: What']);
  assert.deepEqual(findings('What is this?', on(demo.id)), ['unknown-task: What']);
  assert.equal(fixed('What is this?', 'unknown-task', on(pt224.id)), 'answer en What is this?');
  assert.equal(fixed('A photo of', 'unknown-task', on(pt224.id)), `@model google/paligemma2-3b-mix-224\nA photo of`);
  assert.deepEqual(findings('A photo of', on(pt224.id)), ['unknown-task: A']);
});

test('a misspelled or capitalised task word is found and fixed', () => {
  assert.deepEqual(findings('captoin en'), ['misspelled-task: captoin']);
  assert.equal(fixed('detct cup', 'misspelled-task'), 'detect cup');
  assert.equal(fixed('captions en', 'misspelled-task', on(pt224.id)), 'caption en');
  assert.deepEqual(findings('Caption en'), ['capital-task: Caption']);
  assert.equal(fixed('DETECT Cup', 'capital-task'), 'detect Cup');
  assert.equal(fixed('OCR', 'capital-task'), 'ocr');
  assert.deepEqual(findings('Describe the picture', on(pt224.id)), ['capital-task: Describe']);
});

test('languages: missing, mistyped, unknown', () => {
  assert.equal(fixed('caption', 'missing-language'), 'caption en');
  assert.equal(fixed('answer what is this?', 'missing-language'), 'answer en what is this?');
  assert.equal(fixed('caption', 'missing-language', { ...plain, language: 'de' }), 'caption de');
  assert.equal(diagnose(parse(`${image}caption`), plain)[0]?.severity, DiagnosticSeverity.Information);
  assert.equal(diagnose(parse(`${image}caption`), on(pt224.id))[0]?.severity, DiagnosticSeverity.Warning);
  assert.equal(fixed('caption EN', 'unknown-language'), 'caption en');
  assert.equal(fixed('caption jp', 'unknown-language'), 'caption ja');
  assert.equal(fixed('describe german', 'unknown-language'), 'describe de');
  assert.equal(fixed('answer en-US what?', 'unknown-language'), 'answer en what?');
  assert.deepEqual(findings('caption xx'), ['unknown-language: xx']);
  assert.deepEqual(findings('caption a cat', on(pt224.id)), ['missing-language: a']);
  assert.match(diagnose(parse(`${image}caption jp`), plain)[0]?.message as string, /Did you mean “ja” \(Japanese\)\?/);
});

test('parts that are missing or superfluous are found', () => {
  assert.deepEqual(findings('answer en'), ['missing-text: en']);
  assert.deepEqual(findings('detect'), ['missing-object: detect']);
  assert.deepEqual(findings('caption <loc0001>'), ['missing-text: <loc0001>']);
  assert.deepEqual(findings('ocr the sign', on(pt224.id)), ['extra-text: the sign']);
  assert.equal(fixed('caption en big house', 'extra-text', on(pt224.id)), 'caption en');
});

test('wrong separators between objects are found and fixed', () => {
  assert.equal(fixed('detect cup, plate, red fork', 'comma-separator'), 'detect cup ; plate ; red fork');
  assert.equal(fixed('detect cup, plate, and fork', 'comma-separator'), 'detect cup ; plate ; fork');
  assert.equal(fixed('detect salt and pepper', 'and-separator'), 'detect salt ; pepper');
  assert.equal(fixed('detect cup;plate', 'separator-spacing'), 'detect cup ; plate');
  assert.equal(fixed('detect cup  ;   plate', 'separator-spacing'), 'detect cup ; plate');
  assert.equal(fixed('detect cup ; ; plate', 'empty-object'), 'detect cup ; plate');
  assert.equal(fixed('detect cup ;', 'empty-object'), 'detect cup');
  assert.equal(fixed('detect ; cup', 'empty-object'), 'detect cup');
  assert.equal(fixed('detect cup ; Cup', 'repeated-object'), 'detect cup');
  assert.deepEqual(findings('detect sand'), []);
});

test('many objects: one for pretrained checkpoints, about ten for mix', () => {
  assert.equal(fixed('detect cup ; plate', 'several-objects', on(pt224.id)), 'detect cup\ndetect plate');
  const twelve = Array.from({ length: 12 }, (_, index) => `thing${index}`);
  assert.deepEqual(findings(`detect ${twelve.slice(0, 10).join(' ; ')}`), []);
  assert.equal(fixed(`detect ${twelve.join(' ; ')}`, 'several-objects').split('\n').length, 2);
});

test('what the program adds itself must not be typed', () => {
  assert.equal(fixed('<image> caption en', 'typed-token'), 'caption en');
  assert.equal(fixed('<bos>caption en', 'typed-token'), 'caption en');
  assert.equal(fixed('caption en\\n', 'escape-sequence'), 'caption en');
  assert.equal(fixed('Question: a\\nAnswer:', 'escape-sequence'), 'Question: a\\\nAnswer:');
  assert.equal(fixed('a \\t b', 'escape-sequence'), 'a \t b');
  assert.deepEqual(findings('\\nabla and \\neq'), []);
  assert.deepEqual(findings('solve $\\nu \\times \\rho \\theta$'), []);
});

test('malformed location tokens are found and fixed', () => {
  assert.equal(
    fixed('caption <loc1><loc0002><loc0300><loc0400>', 'location-token'),
    'caption <loc0001><loc0002><loc0300><loc0400>',
  );
  assert.ok(findings('detect <loc2000>').includes('location-token: <loc2000>'));
  assert.equal(
    fixed('caption <loc0900><loc0002><loc0300><loc0400>', 'box-order'),
    'caption <loc0300><loc0002><loc0900><loc0400>',
  );
});

test('chat wording is found and removed', () => {
  assert.equal(fixed('Please describe this image', 'chat-wording'), 'describe this image');
  assert.equal(fixed('Can you describe the picture', 'chat-wording'), 'describe the picture');
  assert.equal(fixed('Hello, could you please read the text', 'chat-wording'), 'read the text');
  assert.equal(fixed('user: what is this', 'chat-wording'), 'what is this');
  assert.equal(fixed('describe this image, please.', 'chat-wording'), 'describe this image');
  assert.deepEqual(findings('You are a helpful assistant'), ['chat-wording: You are a']);
  assert.deepEqual(findings('can you see a cat?'), []);
  assert.deepEqual(findings('Please describe', on(pt224.id)), ['chat-wording: Please']);
});

test('prompts that this kind of checkpoint does not know', () => {
  assert.equal(fixed('cap en', 'not-for-checkpoint'), 'caption en');
  assert.deepEqual(findings('cap en', on(pt224.id)), []);
  const docci = 'google/paligemma2-3b-ft-docci-448';
  assert.deepEqual(findings('detect cat', on(docci)), ['not-for-checkpoint: detect']);
  assert.deepEqual(findings('what is this', on(docci)), ['not-for-checkpoint: what']);
  assert.deepEqual(findings('caption en', on(docci)), []);
  assert.deepEqual(
    findings('extract json', on('my-own-ft-224')),
    [],
    "a fine-tune of one's own has a syntax of its own",
  );
  assert.deepEqual(findings('caption it', on(demo.id)), ['not-for-checkpoint: it']);
  assert.deepEqual(findings('caption de', on(demo.id)), []);
  assert.equal(fixed('describe de', 'not-for-checkpoint', on(demo.id)), 'describe en');
});

test('a fine-tuned model of one task says so once, where it is chosen', () => {
  const context = contextWith({
    files: { 'a.png': {} },
    models: [{ id: 'receipts', kind: 'ft', isInstalled: true, converted: [] }],
  });
  assert.deepEqual(findings('@model receipts\nextract json\ndetect cat', context), ['one-task-checkpoint: receipts']);
});

test('the model of a finding is shown as related', () => {
  const document = parse(`@model ${pt224.id}\n${image}foo bar`);
  const related = diagnose(document, plain)[0]?.relatedInformation?.[0];
  assert.equal(related === undefined ? undefined : textIn(document, related.location.range), pt224.id);
});

test('a prompt that is longer than the model was trained for is told', () => {
  const words = 'word '.repeat(130).trim();
  assert.deepEqual(findings(`answer en ${words}`, on(pt224.id)).map(found => found.split(':')[0]), ['prompt-too-long']);
  assert.deepEqual(findings(`answer en ${words}`), []);
});

test('white space at the edges and invisible characters are found and fixed', () => {
  assert.equal(fixed('  caption en ', 'edge-space'), 'caption en');
  assert.equal(fixed('caption en\u200b', 'invisible-character'), 'caption en');
  assert.equal(fixed('caption\u00a0en', 'invisible-character'), 'caption en');
  assert.equal(fixed('what \ud83d is', 'broken-character'), 'what  is');
  assert.deepEqual(findings('what is 😀'), []);
  assert.deepEqual(findings('\\ spaces '), []);
});

test('a backslash that joins the wrong line, or none, is found', () => {
  assert.equal(fixed('caption en\\', 'dangling-backslash'), 'caption en');
  assert.deepEqual(findings('caption en\\\n  => x'), ['joined-line:   => x']);
  assert.equal(fixed('ask\\\n# note', 'joined-line'), 'ask\n# note');
  assert.equal(fixed('ask\\ \nmore', 'space-after-backslash'), 'ask\\\nmore');
  assert.deepEqual(findings('Is it?\\\nAnswer:'), []);
});

test('an expectation in the wrong place is found', () => {
  assert.equal(fixed('caption en\n=> a cat', 'unindented-expectation'), 'caption en\n  => a cat');
  assert.deepEqual(findings('  => a cat'), ['stray-expectation:   => a cat']);
});

test('an unknown or malformed directive is found and fixed', () => {
  assert.equal(fixed('@images b.png', 'unknown-directive'), '@image b.png');
  assert.equal(fixed('@Model x', 'unknown-directive'), '@model x');
  assert.equal(
    fixed('@home with a cat', 'unknown-directive', plain, fixesCount('@home with a cat') - 1),
    '\\@home with a cat',
  );
  assert.ok(findings('@set colour red').includes('unknown-setting: colour'));
  assert.equal(fixed('@set max_new_tokens 64\np', 'unknown-setting'), '@set max-new-tokens 64\np');
  assert.equal(fixed('@set maxNewTokens 64\np', 'unknown-setting'), '@set max-new-tokens 64\np');
  assert.equal(fixed('@set device GPU\np', 'bad-value'), '@set device cpu\np');
  assert.equal(fixed('@set max-new-tokens 64 # short\np', 'bad-value'), '@set max-new-tokens 64\np');
  assert.equal(fixed('@set show tabel\np', 'bad-value'), '@set show table\np');
  assert.equal(fixed('@set max-new-tokens = 64\np', 'setting-form'), '@set max-new-tokens 64\np');
  for (const value of ['0', '-1', '1.5', '99999', 'many']) {
    assert.deepEqual(findings(`@set max-new-tokens ${value}\np`), [`bad-value: ${value}`]);
  }
  for (const line of ['@model', '@set', '@set device']) {
    assert.equal(findings(`${line}\np`)[0]?.split(':')[0], 'missing-value', line);
  }
});

function fixesCount(text: string): number {
  const finding = findAll(parse(image + text), plain).find(candidate => candidate.code === 'unknown-directive');
  return finding === undefined ? 0 : fixesOf(finding).length;
}

test('a directive that no prompt uses is found', () => {
  assert.deepEqual(findings('@set device cpu\n@set device auto\np'), ['unused-directive: @set device cpu']);
  assert.equal(
    fixed('@set device cpu\n@set weights f32\n@set device auto\np', 'unused-directive'),
    '@set weights f32\n@set device auto\np',
  );
  assert.deepEqual(findings('p\n@set device cpu'), []);
  const diagnostic = diagnose(parse(`${image}@image a.png\np`), plain)[0];
  assert.deepEqual([diagnostic?.code, diagnostic?.tags], ['unused-directive', [DiagnosticTag.Unnecessary]]);
});

test('a model that is missing, unknown or not installed is found', () => {
  assert.deepEqual(findings(`@model ${mix448.id}\np`), []);
  assert.equal(fixed('@model google/paligema2-3b-mix-448\np', 'unknown-model'), `@model ${mix448.id}\np`);
  assert.deepEqual(findings('@model google/paligemma2-10b-mix-448\np'), [
    'model-not-installed: google/paligemma2-10b-mix-448',
  ]);
  assert.equal(fixed('@model google/paligemma2-10b-mix-448\np', 'model-not-installed'), `@model ${mix448.id}\np`);
  assert.deepEqual(findings('@model http://127.0.0.1:8000/v1\np'), []);
  assert.deepEqual(findings('@model ./mine\np'), []);
  for (const path of ['//host/share/m', '\\\\host\\share\\m', 'file://host/share/m']) {
    assert.deepEqual(findings(`@model ${path}\np`), [`model-elsewhere: ${path}`]);
  }
  assert.deepEqual(findings('@model ./mine\np', { ...plain, modelFolderExists: () => false }), [
    'missing-model-folder: ./mine',
  ]);
});

test('a picture that is missing, or that cannot be read, is found', () => {
  const files = {
    'a.png': {},
    'shots/*.png': { uris: ['file:///workspace/prompts/shots/1.png'], isGlob: true },
    'many/*': { uris: ['file:///m/1'], isGlob: true, isTruncated: true },
    'notes.txt': { problem: 'unsupported' as const },
    'locked.png': { problem: 'unreadable' as const },
    shots: { problem: 'folder' as const },
    'b\\c.png': {},
  };
  const context = contextWith({
    files,
    imageFiles: [{ uri: 'file:///workspace/prompts/sub/kitchen.jpg' }, {
      uri: 'file:///workspace/prompts/kitchens.jpg',
    }],
  });
  const codes = (value: string) =>
    diagnose(parse(`@image ${value}\ncaption en`), context).map(diagnostic => diagnostic.code);
  assert.deepEqual(codes('a.png, shots/*.png'), []);
  assert.deepEqual(codes('missing.png'), ['image-missing']);
  assert.deepEqual(codes('none/*.png'), ['glob-empty']);
  assert.deepEqual(codes('many/*'), ['glob-limited']);
  assert.deepEqual(codes('D:\\x.png'), ['image-missing'], 'a backslash is right in a whole Windows path');
  assert.deepEqual(codes('notes.txt, locked.png, shots'), ['image-unsupported', 'image-unreadable', 'image-folder']);
  assert.deepEqual(codes('https://example.com/a.png'), ['image-remote']);
  assert.deepEqual(codes('//host/share/a.png, \\\\host\\*.png, file://host/a.png'), Array(3).fill('image-elsewhere'));
  assert.deepEqual(codes('a.png, a.png'), ['repeated-image']);
  assert.deepEqual(codes('a.png,'), ['empty-path']);
  assert.deepEqual(codes('"a.png'), ['unclosed-quote']);
  assert.deepEqual(codes(''), ['missing-value']);
  const fix = (value: string, code: string) => {
    const document = parse(`@image ${value}\ncaption en`);
    const finding = findAll(document, context).find(candidate => candidate.code === code);
    assert.ok(finding !== undefined, code);
    return applyEdits(document, fixesOf(finding)[0]?.edits ?? []).split('\n')[0];
  };
  assert.equal(fix('kitchen.jpg', 'image-missing'), '@image sub/kitchen.jpg');
  assert.equal(fix('b\\c.png', 'path-backslash'), '@image b/c.png');
  assert.equal(fix('shots', 'image-folder'), '@image shots/*');
  assert.equal(fix('a.png, , b\\c.png', 'empty-path'), '@image a.png, b\\c.png');
  assert.equal(fix('"a.png', 'unclosed-quote'), '@image "a.png"');
});

test('nothing is said of images that were not looked up yet', () => {
  assert.deepEqual(diagnose(parse('@image a.png, b/*.png\ncaption en'), { ...plain, images: () => undefined }), []);
});

test('no picture at all is said once', () => {
  const context = contextWith({ imageFiles: [{ uri: 'file:///workspace/prompts/a, b.png' }] });
  const document = parse('caption en\nocr');
  const found = findAll(document, context);
  assert.deepEqual(found.map(finding => finding.code), ['no-image']);
  assert.equal(applyEdits(document, fixesOf(found[0]!)[0]!.edits), '@image "a, b.png"\ncaption en\nocr');
});

test('the same prompt twice, for the same pictures and model only', () => {
  const document = parse(
    `${image}caption en\nocr\ncaption en\n  => x\n@set device cpu\ncaption en\n@image b.png\ncaption en`,
  );
  const context = contextWith({ files: { 'a.png': {}, 'b.png': {} } });
  const found = findAll(document, context).filter(finding => finding.code === 'duplicate-prompt');
  assert.deepEqual(found.map(finding => [finding.range.start.line, finding.message]), [[
    3,
    'The same prompt is in line 2, for the same pictures and the same model. It gives the same answer.',
  ]]);
  assert.equal(
    applyEdits(document, fixesOf(found[0]!)[0]!.edits),
    `${image}caption en\nocr\n@set device cpu\ncaption en\n@image b.png\ncaption en`,
  );
});

test('failed runs and failed expectations stand on the line that they belong to', () => {
  const context = contextWith({
    files: { 'a.png': {}, 'b.png': {} },
    runs: [
      [{ prompt: 'ocr' }, { kind: 'failed', message: 'The model does not fit into memory. Choose a smaller one.' }],
      [{ prompt: 'caption en' }, done('a dog')],
    ],
  });
  const document = parse('@image a.png\nocr\ncaption en\n  => a cat');
  const found = diagnose(document, context);
  assert.deepEqual(found.map(diagnostic => [diagnostic.code, textIn(document, diagnostic.range), diagnostic.message]), [
    ['run-failed', 'ocr', 'a.png: The model does not fit into memory. Choose a smaller one.'],
    ['expectation-failed', 'a cat', 'a.png: the answer is different: “a dog”'],
  ]);
});

test('clients without inlay hints get results as diagnostics', () => {
  const context = contextWith({
    files: { 'a.png': {} },
    client: { snippets: false, markdown: false, inlayHints: false, codeLenses: false },
    runs: [[{}, done('a cat')]],
  });
  assert.deepEqual(
    diagnose(parse(`${image}caption en`), context).map(
      diagnostic => [diagnostic.code, diagnostic.severity, diagnostic.message],
    ),
    [['result', DiagnosticSeverity.Hint, 'a.png: a cat']],
  );
});

test('documentation links carry the code', () => {
  const [diagnostic] = diagnose(parse(`${image}captoin en`), {
    ...plain,
    documentationUri: 'https://example.org/diagnostics',
  });
  assert.equal(diagnostic?.codeDescription?.href, 'https://example.org/diagnostics#misspelled-task');
});

test('fixes converge: every first fix removes its finding', () => {
  const texts = [
    'captoin en',
    'Caption EN',
    'detect a,b;c and d',
    '<image><bos>caption  jp ',
    'Please detect cup;;plate',
    'caption <loc1><loc2><loc3><loc4>',
    'a\\nb\\n',
    '@images a.png',
    '@set device: GPU',
    'answer',
  ];
  for (const text of texts) {
    let document = parse(image + text);
    for (let round = 0;; round++) {
      assert.ok(round < 30, `${text} does not settle`);
      const finding = findAll(document, plain).find(candidate => fixesOf(candidate).some(fix => fix.isPreferred));
      if (finding === undefined) break;
      const fix = fixesOf(finding).find(candidate => candidate.isPreferred)!;
      document = parse(applyEdits(document, fix.edits));
    }
  }
});

test('every code has a message that is whole, and messages name no machine words', () => {
  for (const [code, row] of Object.entries(diagnosticCodes)) {
    const message = row.message('A', 'B', 'C', 'D');
    assert.doesNotMatch(message, /undefined|tensor|token id|null/i, code);
    if (!['run-failed', 'expectation-failed', 'result'].includes(code)) {
      assert.match(message, /[.?]$/, code);
    }
  }
});

test('a finding follows its prompt when lines move, without being found anew', () => {
  const before = parse(`${image}captoin en`);
  diagnose(before, plain);
  const at = { line: 1, character: 0 };
  const after = changeDocument(before, [{ range: { start: at, end: at }, text: '# a\n# b\n' }], 2);
  assert.equal(diagnose(after, plain)[0]?.range.start.line, 3);
});

test('bad characters everywhere never throw', () => {
  for (
    const text of [
      '\ud83d',
      '@image \ud83d.png',
      '@model \udc00',
      '@set \ud83d \ud83d',
      '  => \ud83d',
      '\ufeff\ufeff',
      '\0',
      'detect \ud83d ; \udc00',
      'caption \ud83d',
    ]
  ) {
    assert.doesNotThrow(() => diagnose(parse(text), contextWith({ files: {} })), JSON.stringify(text));
  }
});
