import { taskPrompt } from '../../../paligemma/src/prompts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overview, usageLine, verbHelp } from '../../../server/src/cli/help';
import { optionTable, UsageError, type OptionValues } from '../../../server/src/cli/terminal/options';
import { promptVerbs, type PromptVerb } from '../../../server/src/cli/pictures/promptVerbs';
import { verbs } from '../../../server/src/cli/verbs';

const verbNamed = (name: string): PromptVerb =>
  promptVerbs.find(verb => verb.name === name) ?? assert.fail(`there is no verb ${name}`);
const [ask, caption, describe, detect, ocr, run, segment] = [
  'ask',
  'caption',
  'describe',
  'detect',
  'ocr',
  'run',
  'segment',
].map(verbNamed) as [PromptVerb, PromptVerb, PromptVerb, PromptVerb, PromptVerb, PromptVerb, PromptVerb];

test('the verbs of the command line are there, each once', () => {
  const names = verbs.map(({ name }) => name);
  for (const name of ['run', 'caption', 'describe', 'ocr', 'ask', 'detect', 'segment', 'convert', 'models', 'lsp']) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(new Set(names).size, names.length);
});

test('the usage of a verb starts with its name, its help names every option that it takes', () => {
  for (const verb of verbs) {
    assert.ok(verb.usage.startsWith(`${verb.name} `), verb.usage);
    assert.ok(usageLine(verb).startsWith(`Usage: paligemma ${verb.name}`));
    const help = verbHelp(verb);
    for (const option of verb.options) {
      assert.ok(help.includes(`--${option}`) && help.includes(optionTable[option].help), `${verb.name} --${option}`);
    }
    assert.ok(overview(verbs).includes(verb.usage));
  }
});

test('no line of the overview is too long for a terminal', () => {
  for (const line of overview(verbs).split('\n')) assert.ok(line.length <= 120, line);
});

const prompts: readonly (readonly [
  verb: PromptVerb,
  positionals: readonly string[],
  values: OptionValues,
  prompt: string,
  images: readonly string[],
])[] = [
  [run, ['caption en', 'a.png', 'b.png'], {}, 'caption en', ['a.png', 'b.png']],
  [run, ['', 'a.png'], {}, '', ['a.png']],
  [run, ['  as it\nstands ', 'a.png'], {}, '  as it\nstands ', ['a.png']],
  [caption, ['a.png'], {}, 'caption en', ['a.png']],
  [caption, ['a.png', 'b.png'], { lang: 'de' }, 'caption de', ['a.png', 'b.png']],
  [describe, ['a.png'], { lang: 'fr' }, 'describe fr', ['a.png']],
  [ocr, ['a.png'], {}, 'ocr', ['a.png']],
  [ask, ['where is the cow?', 'a.png'], {}, 'answer en where is the cow?', ['a.png']],
  [ask, ['wo ist die Kuh?', 'a.png'], { lang: 'de' }, 'answer de wo ist die Kuh?', ['a.png']],
  [detect, ['cup,plate', 'a.png'], {}, 'detect cup ; plate', ['a.png']],
  [segment, ['person in red', 'a.png'], {}, 'segment person in red', ['a.png']],
];
for (const [verb, positionals, values, prompt, images] of prompts) {
  test(`${verb.name} ${JSON.stringify(positionals)} ${JSON.stringify(values)} sends “${prompt}”`, () => {
    assert.deepEqual(verb.read(positionals, values, () => assert.fail('no note')), { prompt, images });
  });
}

test('ocr says that a language has no effect', () => {
  const notes: string[] = [];
  assert.equal(ocr.read(['a.png'], { lang: 'de' }, note => notes.push(note)).prompt, 'ocr');
  assert.match(notes.join(), /--lang/);
});

test('what is missing is a mistake of usage', () => {
  const silent = () => undefined;
  for (const verb of [run, ask, detect, segment]) assert.throws(() => verb.read([], {}, silent), UsageError, verb.name);
  assert.throws(() => ask.read([' ', 'a.png'], {}, silent), UsageError);
  assert.throws(() => caption.read(['a.png'], { lang: 'english' }, silent), UsageError);
});

test('objects are joined as the model was trained, however they were written, each once', () => {
  const promptOf = (verb: PromptVerb, list: string) => verb.read([list, 'a.png'], {}, () => undefined).prompt;
  assert.equal(promptOf(detect, 'cup'), 'detect cup');
  assert.equal(promptOf(segment, ' cup , person in  red;plate ,'), 'segment cup ; person in red ; plate');
  assert.equal(promptOf(detect, 'cat, dog, cat'), 'detect cat ; dog');
  for (const list of ['', ' , ;']) assert.throws(() => promptOf(detect, list), UsageError);
});

test('the same words give the same prompt in the terminal and in the editor', () => {
  const silent = () => undefined;
  const lists = ['cat, dog, cat', ' cat ;dog;; cat', 'cat,\n dog', 'dog ; cat , dog'];
  for (const input of lists) {
    for (const verb of [detect, segment]) {
      const task = verb.name as 'detect' | 'segment';
      assert.equal(verb.read([input, 'a.png'], {}, silent).prompt, taskPrompt({ task, language: 'en', input }), input);
    }
  }
  assert.equal(detect.read(['cat, dog, cat', 'a.png'], {}, silent).prompt, 'detect cat ; dog');
  for (const input of ['how many\ncats?', '  what is it?  ']) {
    assert.equal(ask.read([input, 'a.png'], {}, silent).prompt, taskPrompt({ task: 'ask', language: 'en', input }));
  }
});
