/**
 * The one table of findings. A code is stable: it is the anchor in the documentation and what settings and scripts
 * name.
 */
import { DiagnosticSeverity } from 'vscode-languageserver-types';
import { settingKeys } from '../syntax/settingKeys';
import { taskWords } from '../../../../paligemma/src/tasks';

export interface DiagnosticRow {
  readonly severity: DiagnosticSeverity;
  /** What happened and what cures it, for a person who meets PaliGemma for the first time. */
  readonly message: (...parts: readonly string[]) => string;
  /** The first fix never changes what the author means: it belongs to "fix all". */
  readonly isMechanical?: true;
  /** The text is drawn faded. */
  readonly isUnnecessary?: true;
}

const { Error, Warning, Information, Hint } = DiagnosticSeverity;

export const diagnosticCodes = {
  // Prompts: a prompt is never an error, the model takes any text.
  'unknown-task': row(
    Warning,
    (word, model) =>
      `“${word}” is not a task that ${model} knows. It answers prompts that begin with ${
        anyOf(taskWords)
      }. For free questions use a mix checkpoint.`,
  ),
  'misspelled-task': row(
    Warning,
    (word, meant) => `“${word}” looks like a slip of “${meant}”. The model knows a task only by its exact word.`,
  ),
  'capital-task': mechanical(
    row(Warning, (word, meant) => `Task words are written in small letters: “${meant}” instead of “${word}”.`),
  ),
  'missing-language': row(
    Warning,
    (word, example) => `“${word}” needs the language of the answer behind it, for example “${example}”.`,
  ),
  'unknown-language': row(
    Warning,
    (code, meant) =>
      `“${code}” is not one of the 35 language codes that PaliGemma was trained with.${
        meant === '' ? ' Write a code such as en, de or zh.' : ` Did you mean ${meant}?`
      }`,
  ),
  'missing-text': row(Warning, (what, example) => `${what} is missing: write it behind, for example “${example}”.`),
  'missing-object': row(
    Warning,
    (word, example) => `Write what to look for behind “${word}”, for example “${example}”.`,
  ),
  'extra-text': row(
    Information,
    form => `The model was trained with nothing more than “${form}” here. What follows may be ignored or confuse it.`,
  ),
  'comma-separator': mechanical(
    row(
      Warning,
      word => `Objects are separated by “ ; ”. With a comma “${word}” looks for one object of this long name.`,
    ),
  ),
  'and-separator': row(
    Information,
    () => 'Two objects are separated by “ ; ”. With “and” the model looks for one object of this long name.',
  ),
  'separator-spacing': mechanical(
    row(Warning, () => 'The model was trained with exactly one space on each side of the semicolon: “cup ; plate”.'),
  ),
  'empty-object': mechanical(
    row(Warning, () => 'There is no object at this semicolon. Name one, or remove the semicolon.'),
  ),
  'repeated-object': row(
    Warning,
    label => `“${label}” is named twice in this prompt. Once is enough: every ${label} in the picture is found.`,
  ),
  'several-objects': row(
    Information,
    (amount, limit, kind) =>
      `${amount} objects in one prompt. ${kind} checkpoints find more with ${limit}: split the prompt.`,
  ),
  'typed-token': mechanical(
    row(Warning, token => `${token} must not be typed: the program adds what the model needs around the prompt.`),
  ),
  'escape-sequence': row(Warning, (escape, what) => `${escape} is sent as these two characters, not as ${what}.`),
  'chat-wording': row(
    Information,
    phrase =>
      `“${phrase}” is not needed: this is not a chat. Every prompt stands alone, and short, direct wording works best.`,
  ),
  'not-for-checkpoint': row(
    Warning,
    (what, model, why) => `${what} is not something that ${model} was trained for: ${why}.`,
  ),
  'prompt-too-long': row(
    Warning,
    (amount, model, limit) =>
      `About ${amount} tokens long. ${model} was trained with texts of up to ${limit} tokens, prompt and answer together; answers to longer ones get worse. Shorten the prompt.`,
  ),
  'duplicate-prompt': row(
    Information,
    line =>
      `The same prompt stands in line ${line}, for the same pictures and the same model. It gives the same answer.`,
    true,
  ),
  'edge-space': mechanical(
    row(
      Information,
      where =>
        `The prompt ${where} with white space, which is sent too and changes the answer. To keep it, begin the line with a backslash.`,
    ),
  ),
  'invisible-character': mechanical(
    row(Warning, name => `An invisible character (${name}) that is sent too. It usually comes from copying.`),
  ),
  'broken-character': row(
    Warning,
    () => 'Half of a character. It is sent as a replacement mark; type the character again.',
  ),
  'location-token': row(
    Warning,
    (token, form) => `${token} is no token of the model: it would be sent as separate letters. The form is ${form}.`,
  ),
  'box-order': row(Warning, () => 'A box is written top, left, bottom, right. This one ends before it begins.'),
  'no-image': row(Information, () => 'No picture for this prompt: write “@image” and a path on a line above it.'),
  // Lines
  'dangling-backslash': mechanical(
    row(
      Warning,
      () =>
        'The backslash joins the next line, and there is none. To send a backslash at the end, begin the line with one too.',
    ),
  ),
  'joined-line': row(
    Warning,
    what =>
      `The backslash above makes this ${what} a part of the prompt. Remove the backslash if the prompt ends there.`,
  ),
  'space-after-backslash': mechanical(
    row(Warning, () => 'The backslash is followed by white space, so it is sent and does not join the next line.'),
  ),
  'unindented-expectation': row(
    Warning,
    () => 'As it stands this line is sent as a prompt. An expected answer is indented: “  => …”.',
  ),
  'stray-expectation': row(
    Warning,
    () => 'No prompt stands above this expected answer. Move it under the prompt that it belongs to.',
  ),
  // Directives
  'unknown-directive': row(
    Error,
    name =>
      `“${name}” is not known: a line that begins with @ is @model, @image or @set. To send it as a prompt, begin the line with a backslash.`,
  ),
  'missing-value': row(Error, (name, what) => `“${name}” needs ${what} behind it.`),
  'unknown-setting': row(
    Error,
    key => `“${key}” cannot be set. The settings are ${anyOf(settingKeys.map(setting => setting.key))}.`,
  ),
  'bad-value': row(Error, (value, key, expected) => `“${value}” is no value for ${key}: it is ${expected}.`),
  'setting-form': mechanical(
    row(Information, form => `A setting is written without a sign between name and value: “${form}”.`),
  ),
  'unknown-model': row(
    Warning,
    model =>
      `“${model}” is neither installed nor a published checkpoint that is known here. Check the name, or give a folder.`,
  ),
  'missing-model-folder': row(
    Error,
    path => `There is no model at “${path}”. A model is a folder with config.json and its weights.`,
  ),
  'model-not-installed': row(
    Information,
    (model, size) => `“${model}” is not on this machine yet${size}. Download it first, or use an installed model.`,
  ),
  'one-task-checkpoint': row(
    Hint,
    model =>
      `“${model}” is fine-tuned for one task. It answers the prompts that it was trained with, and others badly.`,
  ),
  'unused-directive': row(Hint, line => `No prompt uses this: line ${line} replaces it first.`, true),
  // Images
  'image-missing': row(Error, (path, hint) => `There is no file “${path}”.${hint}`),
  'image-unreadable': row(Error, path => `“${path}” cannot be read: it is damaged, or you may not open it.`),
  'image-unsupported': row(
    Error,
    path => `“${path}” is not a picture that can be read. Use PNG, JPEG, WebP, GIF, TIFF, BMP, AVIF or SVG.`,
  ),
  'image-folder': row(Error, path => `“${path}” is a folder. Write which pictures: “${path}/*.png”.`),
  'image-remote': row(
    Error,
    path =>
      `“${path}” is an address, not a file. Nothing is fetched from the web: save the picture and write its path.`,
  ),
  'image-relative': row(
    Warning,
    path =>
      `“${path}” is relative to this file, and this file has no folder yet. Save it first, or write the whole path.`,
  ),
  'glob-empty': row(Warning, glob => `No picture matches “${glob}”.`),
  'glob-limited': row(
    Information,
    (glob, amount) => `“${glob}” matches more pictures than are taken: the first ${amount} are used.`,
  ),
  'empty-path': mechanical(row(Warning, () => 'There is no path at this comma. Write one, or remove the comma.')),
  'unclosed-quote': row(Error, () => 'The quote is not closed, so the rest of the line is taken as one path.'),
  'path-backslash': mechanical(
    row(Information, () => 'A slash works on every system; a backslash works on Windows only.'),
  ),
  'repeated-image': row(Hint, path => `“${path}” is named twice; it runs once.`, true),
  // Runs
  'run-failed': row(Error, (image, message) => `${image}: ${message}`),
  'expectation-failed': row(Warning, (image, actual) => `${image}: the answer is different: ${actual}`),
  'result': row(Hint, (image, text) => `${image}: ${text}`),
} as const satisfies Record<string, DiagnosticRow>;

export type DiagnosticCode = keyof typeof diagnosticCodes;

function row(severity: DiagnosticSeverity, message: DiagnosticRow['message'], isUnnecessary = false): DiagnosticRow {
  return isUnnecessary ? { severity, message, isUnnecessary } : { severity, message };
}

function mechanical(entry: DiagnosticRow): DiagnosticRow {
  return { ...entry, isMechanical: true };
}

function anyOf(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
