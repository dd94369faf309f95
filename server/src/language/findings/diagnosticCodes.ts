/**
 * The one table of findings. A code is stable: it is the anchor in the documentation and what settings and scripts
 * name.
 */
import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity } from 'vscode-languageserver-types';
import { settingKeys } from '../syntax/settingKeys';
import { anyOf } from '../text/amounts';
import { taskWords } from '../../../../paligemma/src/tasks';

export interface DiagnosticRow {
  readonly severity: DiagnosticSeverity;
  /**
   * What happened and what cures it, for a person who meets PaliGemma for the first time. Parts are names and values, or
   * say which of several sentences it is.
   */
  readonly message: (...parts: readonly string[]) => string;
  /** The first fix never changes what the author means: it belongs to "fix all". */
  readonly isMechanical?: true;
  /** The text is drawn faded. */
  readonly isUnnecessary?: true;
}

const { Error, Warning, Information, Hint } = DiagnosticSeverity;

export const diagnosticCodes = {
  // Prompts: a prompt is never an error, the model takes any text.
  'unknown-task': row(Warning, (word, model) =>
    l10n.t(
      '“{0}” is not a task that {1} knows. It answers prompts that begin with {2}. For questions in your own words choose a mix model.',
      word,
      model,
      anyOf(taskWords),
    )),
  'misspelled-task': row(
    Warning,
    (word, meant) =>
      l10n.t('“{0}” looks like a misspelled “{1}”. The model knows a task by its exact word only.', word, meant),
  ),
  'capital-task': mechanical(
    row(Warning, (word, meant) => l10n.t('Write task words in lower case: “{0}” instead of “{1}”.', meant, word)),
  ),
  'missing-language': row(
    Warning,
    (word, example) => l10n.t('“{0}” needs the language of the answer after it, for example “{1}”.', word, example),
  ),
  'unknown-language': row(Warning, (code, meant, name) =>
    meant === ''
      ? l10n.t(
        '“{0}” is not one of the 35 language codes that PaliGemma was trained with. Write a code such as en, de or zh.',
        code,
      )
      : l10n.t(
        '“{0}” is not one of the 35 language codes that PaliGemma was trained with. Did you mean “{1}” ({2})?',
        code,
        meant,
        name,
      )),
  'missing-text': row(Warning, missingText),
  'missing-object': row(
    Warning,
    (word, example) => l10n.t('Say what to look for: write it after “{0}”, for example “{1}”.', word, example),
  ),
  'extra-text': row(
    Information,
    form =>
      l10n.t(
        'The model was trained with nothing after “{0}”. Remove the rest: it may be ignored or confuse the model.',
        form,
      ),
  ),
  'comma-separator': mechanical(
    row(
      Warning,
      word =>
        l10n.t('Separate objects with “ ; ”. With a comma, “{0}” looks for one object with this long name.', word),
    ),
  ),
  'and-separator': row(
    Information,
    () => l10n.t('Separate two objects with “ ; ”. With “and” the model looks for one object with this long name.'),
  ),
  'separator-spacing': mechanical(
    row(
      Warning,
      () => l10n.t('Write exactly one space on each side of the semicolon, as the model was trained: “cup ; plate”.'),
    ),
  ),
  'empty-object': mechanical(
    row(Warning, () => l10n.t('An object is missing at this semicolon. Name one, or remove the semicolon.')),
  ),
  'repeated-object': row(
    Warning,
    label => l10n.t('“{0}” is named twice in this prompt. Once is enough: every {0} in the picture is found.', label),
  ),
  'several-objects': row(Information, (amount, limit) =>
    limit === '1'
      ? l10n.t(
        '{0} objects in one prompt. Pretrained models find more with one at a time: split the prompt.',
        amount,
      )
      : l10n.t(
        '{0} objects in one prompt. Mix models find more with about {1} at a time: split the prompt.',
        amount,
        limit,
      )),
  'typed-token': mechanical(
    row(Warning, token => l10n.t('Remove {0}: the program itself adds what the model needs around the prompt.', token)),
  ),
  'escape-sequence': row(Warning, escape =>
    escape === '\\t'
      ? l10n.t('{0} is sent as these two characters, not as a tab. Type a tab instead.', escape)
      : l10n.t(
        '{0} is sent as these two characters, not as a new line. To go on in a new line, end this one with a backslash.',
        escape,
      )),
  'chat-wording': row(Information, phrase =>
    l10n.t(
      '“{0}” is not needed: this is not a chat. Every prompt stands alone, and short, direct wording works best.',
      phrase,
    )),
  'not-for-checkpoint': row(Warning, notForCheckpoint),
  'prompt-too-long': row(Warning, (amount, model, limit) =>
    l10n.t(
      'About {0} tokens long. {1} was trained with texts of up to {2} tokens, prompt and answer together; answers to longer ones get worse. Shorten the prompt.',
      amount,
      model,
      limit,
    )),
  'duplicate-prompt': row(
    Information,
    line =>
      l10n.t(
        'The same prompt is in line {0}, for the same pictures and the same model. It gives the same answer.',
        line,
      ),
    true,
  ),
  'not-for-tiles': row(
    Warning,
    tiles =>
      l10n.t(
        '“@set tiles {0}” holds here, and this prompt is about the whole picture: it cannot be asked of parts. Write “@set tiles off” above it.',
        tiles,
      ),
  ),
  'edge-space': mechanical(row(Information, edgeSpace)),
  'invisible-character': mechanical(
    row(
      Warning,
      name => l10n.t('An invisible character ({0}) is sent too. Remove it: it usually comes from copying.', name),
    ),
  ),
  'broken-character': row(
    Warning,
    () => l10n.t('This is half of a character and is sent as a replacement mark. Type the character again.'),
  ),
  'location-token': row(Warning, (token, kind) =>
    kind === 'seg'
      ? l10n.t('{0} is not a token of the model and is sent as separate letters. Write <seg000> to <seg127>.', token)
      : l10n.t(
        '{0} is not a token of the model and is sent as separate letters. Write <loc0000> to <loc1023>.',
        token,
      )),
  'box-order': row(
    Warning,
    () => l10n.t('A box is written top, left, bottom, right. This one ends before it begins: swap its corners.'),
  ),
  'no-image': row(
    Information,
    () => l10n.t('There is no picture for this prompt: write “@image” and a path on a line above it.'),
  ),
  // Lines
  'dangling-backslash': mechanical(
    row(Warning, () =>
      l10n.t(
        'The backslash joins the next line to this one, but there is none. Remove it; to send a backslash at the end, begin the line with one too.',
      )),
  ),
  'joined-line': row(Warning, joinedLine),
  'space-after-backslash': mechanical(
    row(Warning, () =>
      l10n.t(
        'White space follows the backslash, so the backslash is sent and does not join the next line. Remove the white space.',
      )),
  ),
  'unindented-expectation': row(
    Warning,
    () => l10n.t('As it stands, this line is sent as a prompt. Indent an expected answer: “  => …”.'),
  ),
  'stray-expectation': row(
    Warning,
    () => l10n.t('There is no prompt above this expected answer. Move it below the prompt that it belongs to.'),
  ),
  // Directives
  'unknown-directive': row(Error, name =>
    l10n.t(
      '“{0}” is not known: a line that begins with @ must be @model, @image or @set. To send it as a prompt, begin the line with a backslash.',
      name,
    )),
  'missing-value': row(Error, missingValue),
  'unknown-setting': row(
    Error,
    key => l10n.t('“{0}” cannot be set. The settings are {1}.', key, anyOf(settingKeys.map(setting => setting.key))),
  ),
  'bad-value': row(
    Error,
    (value, key, expected) => l10n.t('“{0}” is not a value for {1}. Write {2}.', value, key, expected),
  ),
  'setting-form': mechanical(
    row(Information, form => l10n.t('Write a setting without a sign between name and value: “{0}”.', form)),
  ),
  'unknown-model': row(Warning, model =>
    l10n.t(
      '“{0}” is neither on this machine nor a published model that is known here. Check the name, or give a folder.',
      model,
    )),
  'missing-model-folder': row(
    Error,
    path => l10n.t('There is no model at “{0}”. Give a folder that holds config.json and the weights.', path),
  ),
  'model-elsewhere': row(Error, path =>
    l10n.t(
      '“{0}” is on another machine, and a prompt file names folders of this one only. Add the folder ("paligemma models add {0}"), and write the name that it gets.',
      path,
    )),
  'model-not-installed': row(Information, (model, size) =>
    size === ''
      ? l10n.t('“{0}” is not on this machine yet. Download it first, or use a model that is.', model)
      : l10n.t('“{0}” is not on this machine yet ({1}). Download it first, or use a model that is.', model, size)),
  'one-task-checkpoint': row(Hint, model =>
    l10n.t(
      '“{0}” is fine-tuned for one task. It answers the prompts that it was trained with, and others badly.',
      model,
    )),
  'unused-directive': row(Hint, line => l10n.t('No prompt uses this: line {0} replaces it first.', line), true),
  // Images
  'image-missing': row(Error, (path, isAbsolute) =>
    isAbsolute === 'absolute'
      ? l10n.t('There is no file “{0}”. Check the path.', path)
      : l10n.t('There is no file “{0}”. Paths are relative to this prompt file.', path)),
  'image-unreadable': row(
    Error,
    path => l10n.t('“{0}” cannot be read: it is damaged, or you are not allowed to open it.', path),
  ),
  'image-unsupported': row(Error, path =>
    l10n.t(
      '“{0}” is not a picture that can be read. Use PNG, JPEG, WebP, GIF, TIFF, BMP, AVIF, HEIC, PPM, TGA or SVG.',
      path,
    )),
  'image-folder': row(
    Error,
    path => l10n.t('“{0}” is a folder. Write which pictures are meant, for example “{0}/*.png”.', path),
  ),
  'image-remote': row(Error, path =>
    l10n.t(
      '“{0}” is an address, not a file. Nothing is fetched from the web: save the picture and write its path.',
      path,
    )),
  'image-elsewhere': row(Error, path =>
    l10n.t(
      '“{0}” is on another machine. To open it would tell that machine who is logged in here: copy the picture to this machine and write its path.',
      path,
    )),
  'image-relative': row(Warning, path =>
    l10n.t(
      '“{0}” is relative to this file, but this file has no folder yet. Save it first, or write the whole path.',
      path,
    )),
  'glob-empty': row(Warning, glob => l10n.t('No picture matches “{0}”. Check the pattern.', glob)),
  'glob-limited': row(Information, (glob, amount) =>
    l10n.t(
      '“{0}” matches more pictures than are taken: the first {1} are used. Write a narrower pattern.',
      glob,
      amount,
    )),
  'empty-path': mechanical(
    row(Warning, () => l10n.t('A path is missing at this comma. Write one, or remove the comma.')),
  ),
  'unclosed-quote': row(
    Error,
    () => l10n.t('This quote is not closed, so the rest of the line is taken as one path. Close it.'),
  ),
  'path-backslash': mechanical(
    row(Information, () => l10n.t('Write slashes, which work on every system; backslashes work on Windows only.')),
  ),
  'repeated-image': row(Hint, path => l10n.t('“{0}” is named twice; it runs once.', path), true),
  // Runs
  'run-failed': row(Error, (image, message) => `${image}: ${message}`),
  'expectation-failed': row(Warning, (image, actual) =>
    actual === ''
      ? l10n.t('{0}: the answer is different: it is empty', image)
      : l10n.t('{0}: the answer is different: “{1}”', image, actual)),
  'result': row(Hint, (image, text) => `${image}: ${text}`),
} as const satisfies Record<string, DiagnosticRow>;

export type DiagnosticCode = keyof typeof diagnosticCodes;

function row(severity: DiagnosticSeverity, message: DiagnosticRow['message'], isUnnecessary = false): DiagnosticRow {
  return isUnnecessary ? { severity, message, isUnnecessary } : { severity, message };
}

function mechanical(entry: DiagnosticRow): DiagnosticRow {
  return { ...entry, isMechanical: true };
}

/** @param task The id of the task whose last part is missing. */
function missingText(task: string, example: string): string {
  switch (task) {
    case 'answer':
      return l10n.t('The question is missing: write it after the language, for example “{0}”.', example);
    case 'question':
      return l10n.t('The answer is missing: write it after the language, for example “{0}”.', example);
    default:
      return l10n.t('A part of the box is missing: write four locations, for example “{0}”.', example);
  }
}

/** @param which What the model was not trained for: a task, a language of one, or all but its own task. */
function notForCheckpoint(which: string, model: string, ...others: readonly string[]): string {
  const [first = '', second = ''] = others;
  switch (which) {
    case 'cap':
      return l10n.t(
        '“cap” is not something that {0} was trained for. Use “caption”; only pretrained models know “cap”.',
        model,
      );
    case 'region':
      return l10n.t(
        'A caption of a region is not something that {0} was trained for: its training had no boxes in prompts.',
        model,
      );
    case 'captionLanguage':
      return l10n.t('The demo model writes captions in {0} only, and {1} is not one of them.', first, second);
    case 'taskLanguage':
      return l10n.t('The demo model knows “{0}” in English only, not in {1}.', first, second);
    default:
      return l10n.t(
        '{0} was not trained for this: it writes long captions and nothing else. Write “caption en” or “describe en”.',
        model,
      );
  }
}

function edgeSpace(where: string): string {
  switch (where) {
    case 'start':
      return l10n.t(
        'The prompt begins with white space, which is sent too and changes the answer. Remove it, or begin the line with a backslash to keep it.',
      );
    case 'end':
      return l10n.t(
        'The prompt ends with white space, which is sent too and changes the answer. Remove it, or begin the line with a backslash to keep it.',
      );
    default:
      return l10n.t(
        'The prompt begins and ends with white space, which is sent too and changes the answer. Remove it, or begin the line with a backslash to keep it.',
      );
  }
}

function joinedLine(what: string): string {
  switch (what) {
    case 'comment':
      return l10n.t(
        'The backslash above makes this comment part of the prompt. Remove the backslash if the prompt ends there.',
      );
    case 'directive':
      return l10n.t(
        'The backslash above makes this directive part of the prompt. Remove the backslash if the prompt ends there.',
      );
    case 'expectation':
      return l10n.t(
        'The backslash above makes this expected answer part of the prompt. Remove the backslash if the prompt ends there.',
      );
    default:
      return l10n.t(
        'The backslash above makes this empty line part of the prompt. Remove the backslash if the prompt ends there.',
      );
  }
}

/** @param expected What the setting `name` takes. */
function missingValue(name: string, expected: string): string {
  switch (name) {
    case '@model':
      return l10n.t('Write the name or the folder of a model after “@model”.');
    case '@image':
      return l10n.t('Write the path of a picture after “@image”.');
    case '@set':
      return l10n.t('Write a setting and its value after “@set”, for example “@set max-new-tokens 128”.');
    default:
      return l10n.t('“{0}” needs a value after it: {1}.', name, expected);
  }
}
