/**
 * The one table of what can be wrong with a data set. A code is stable: it is the anchor in the documentation and what
 * scripts name.
 */
import * as l10n from '@vscode/l10n';
import type { Severity } from './finding';

/**
 * `error`: training stops there, or learns something that is plainly wrong. `warning`: it learns something that was
 * hardly meant. `hint`: some trainers or readers take it otherwise.
 */
export interface FindingRow {
  readonly severity: Severity;
  /** What it does to the training and what cures it. Parts are names and values, or say which of several sentences it is. */
  readonly message: (...parts: readonly string[]) => string;
  /** Where the right value is certain, a fix writes it. */
  readonly isMended?: true;
}

export const findingCodes = {
  // The line
  'unreadable-line': mended(row('error', unreadableLine)),
  'blank-line': row(
    'warning',
    () => l10n.t('An empty line. Trainers that read each line as JSON stop here: remove it.'),
  ),
  'missing-value': row('error', missingValue),
  'value-not-text': row(
    'error',
    key => l10n.t('“{0}” is not a text, and trainers read nothing else there. Write it in quotes.', key),
  ),
  'unclear-turns': row('error', () =>
    l10n.t(
      'PaliGemma answers one question and knows no conversation. Write one turn of the user and one of the assistant behind it, and each further question on a line of its own.',
    )),
  'nested-value': row(
    'warning',
    key =>
      l10n.t(
        '“{0}” is a list or an object. big_vision reads flat values only and stops here: write a text, a number, or leave it out.',
        key,
      ),
  ),
  'repeated-key': row(
    'warning',
    key => l10n.t('“{0}” stands in this line twice. Trainers take the last one, in silence: remove the other.', key),
  ),
  'byte-order-mark': mended(
    row('error', () =>
      l10n.t(
        'The file begins with a byte order mark, at which Python’s JSON reader stops. Save it as UTF-8 without the mark.',
      )),
  ),
  'carriage-return': row('hint', () =>
    l10n.t(
      'The lines end as on Windows (CRLF). JSON readers take that; scripts that cut the last character of a line do not. Save the file with LF.',
    )),
  // Characters
  'control-character': mended(
    row('warning', name =>
      l10n.t(
        'A control character ({0}) stands in this text and is learnt with it. It comes from copying or from a wrong encoding: remove it.',
        name,
      )),
  ),
  'broken-character': row('error', name =>
    l10n.t(
      'Half of a character ({0}) stands in this text: tokenizers refuse it or make a replacement mark of it. Write the character again.',
      name,
    )),
  'invisible-character': row('warning', name =>
    l10n.t(
      'An invisible character ({0}) stands in this text and is learnt with it. Remove it: it usually comes from copying.',
      name,
    )),
  // Tokens
  'location-token': mended(row('error', wrongToken)),
  'mask-token': mended(row('error', wrongToken)),
  'typed-token': mended(
    row(
      'warning',
      token => l10n.t('{0} is written by the trainer itself; typed into a line it is there twice. Remove it.', token),
    ),
  ),
  'image-token': mended(
    row('error', () =>
      l10n.t(
        '<image> stands for a picture, and one in the answer has none: trainers stop with a mismatch in the number of image tokens. Remove it.',
      )),
  ),
  // Boxes and labels
  'location-count': row('error', amount =>
    l10n.t(
      'There are {0} loc tokens in a row. A box has four: top, left, bottom, right.',
      amount,
    )),
  'box-order': row('warning', boxOrder),
  'mask-length': row(
    'error',
    amount => l10n.t('There are {0} seg tokens in a row. A mask has 16; others cannot be drawn or learnt.', amount),
  ),
  'unlabelled-box': row(
    'warning',
    () => l10n.t('This box has no label. An answer to “detect” names what each box holds: write the label behind it.'),
  ),
  'label-without-box': row('warning', labelWithoutBox),
  'separator': mended(
    row('warning', () =>
      l10n.t(
        'Objects are parted by “ ; ”, with one space on each side, as in the training of the model. Written otherwise, it is learnt as part of a label.',
      )),
  ),
  'dangling-separator': mended(
    row(
      'warning',
      () =>
        l10n.t(
          'No object stands at this semicolon. The model learns to write one more and then to go on: remove it.',
        ),
    ),
  ),
  'box-spaces': mended(row('warning', boxSpaces)),
  'label-not-asked': row('warning', labelNotAsked),
  'label-spaces': mended(
    row(
      'warning',
      label =>
        l10n.t('“{0}” has more than one space between two words: for the model it is another class. Write one.', label),
    ),
  ),
  'label-characters': row('hint', label =>
    l10n.t(
      '“{0}” has characters that the library supervision drops from labels: it reads letters, digits, “_”, “-” and spaces only.',
      label,
    )),
  // Texts
  'edge-blank': mended(row('warning', edgeBlank)),
  'prefix-newline': mended(
    row('warning', () =>
      l10n.t(
        'The prefix ends with a new line. Trainers add one, so there are two, which no run has later: remove it.',
      )),
  ),
  'newline-in-prefix': row('warning', () =>
    l10n.t(
      'A new line stands in the prefix. The model takes the first one for the end of the prompt: write a space.',
    )),
  'empty-suffix': row('hint', () =>
    l10n.t(
      'The answer is empty. Hugging Face trainers learn from it to answer nothing; Google’s notebooks learn nothing from it.',
    )),
  'too-long': row('warning', tooLong),
  // Lines of a file among each other
  'repeated-line': row(
    'warning',
    line => l10n.t('The same picture, prefix and suffix stand in line {0}: it is learnt twice. Remove one.', line),
  ),
  'two-suffixes': row('warning', line =>
    l10n.t(
      'The same picture with the same prefix has another answer in line {0}: both cannot be learnt. Keep one.',
      line,
    )),
  'one-suffix': row('warning', (share, suffix) =>
    l10n.t(
      '{0} % of the lines have this answer, “{1}”: the model learns to give it whatever it sees. Add others.',
      share,
      suffix,
    )),
  'letter-cases': row('warning', (label, other, line) =>
    l10n.t(
      '“{0}” is written “{1}” in line {2}: for the model these are two classes. Write them alike.',
      label,
      other,
      line,
    )),
  'class-list': row('hint', line =>
    l10n.t(
      'This prefix asks for other classes than line {0}, or in another order. Notebooks that take the list of classes from the first line count the others wrong.',
      line,
    )),
  'mixed-forms': row('warning', (form, line, other) =>
    l10n.t(
      'This line has the form “{0}”, and line {1} has “{2}”. Trainers take the columns from the first line: write all lines alike.',
      form,
      line,
      other,
    )),
  'metadata-name': row('warning', metadataName),
  'picture-in-two-splits': row('warning', pictureInTwoSplits),
  'near-copy-in-two-splits': row('hint', (line, file) =>
    l10n.t(
      'A picture that looks nearly the same stands in line {0} of “{1}”: if it is a copy, what is trained on is also tested on. Look at both, and keep copies in one part.',
      line,
      file,
    )),
  // Pictures
  'picture-missing': row('error', pictureMissing),
  'picture-unreadable': row(
    'error',
    path => l10n.t('“{0}” cannot be read as a picture: trainers stop here. Save it again, as PNG or JPEG.', path),
  ),
  'picture-folder': row('error', path => l10n.t('“{0}” is a folder, not a picture. Write the name of a file.', path)),
  'picture-outside': row('warning', path =>
    l10n.t(
      '“{0}” lies outside of the folder of this file. Hugging Face’s data sets refuse such paths, and a copy of the folder lacks it: move the picture into the folder.',
      path,
    )),
  'picture-absolute': mended(row('warning', path =>
    l10n.t(
      '“{0}” is a whole path, which holds on this machine only. Write it relative to the folder of this file.',
      path,
    ))),
  'picture-elsewhere': row('error', path =>
    l10n.t(
      '“{0}” is on another machine. It was not opened: that would tell that machine who is logged in here. Copy the picture into the folder of this file.',
      path,
    )),
  'picture-address': row('warning', path =>
    l10n.t(
      '“{0}” is an address. Trainers of local files do not fetch it: save the picture into the folder of this file.',
      path,
    )),
  'picture-letter-case': mended(
    row('error', (path, onDisk) =>
      l10n.t(
        '“{0}” is called “{1}” on the disk. On Linux, where most training runs, it is not found: write it as on the disk.',
        path,
        onDisk,
      )),
  ),
} as const satisfies Record<string, FindingRow>;

export type FindingCode = keyof typeof findingCodes;

function row(severity: Severity, message: FindingRow['message']): FindingRow {
  return { severity, message };
}

function mended(entry: FindingRow): FindingRow {
  return { ...entry, isMended: true };
}

function unreadableLine(why: string): string {
  switch (why) {
    case 'tooLong':
      return l10n.t('This line is longer than 16 MiB and was not read. Keep pictures in files of their own.');
    case 'notUtf8':
      return l10n.t('This line is not UTF-8, so trainers stop here. Save the file as UTF-8.');
    case 'deep':
      return l10n.t('This line is nested too deep to be an example. Write flat values.');
    case 'notObject':
      return l10n.t('This line is JSON, but no object. Write {"image": …, "prefix": …, "suffix": …}.');
    case 'python':
      return l10n.t(
        'This is how Python prints a dictionary, not JSON, so trainers stop here. Write the lines with json.dumps.',
      );
    case 'opening':
      return l10n.t(
        'In a JSONL file every example is an object on one line. Write each on its own line, without a list.',
      );
    case 'comma':
      return l10n.t('A comma stands behind the object. In a JSONL file lines have none: remove it.');
    default:
      return l10n.t('This line is not JSON, so trainers stop here. Mend it at this place, or remove the line.');
  }
}

function missingValue(what: string, key: string): string {
  switch (what) {
    case 'image':
      return l10n.t('This line names no picture. Write its path as “image”, or as “file_name” in a metadata.jsonl.');
    case 'prefix':
      return l10n.t('The prompt is missing, so trainers stop here or pass the line over. Write it as “{0}”.', key);
    default:
      return l10n.t('The answer is missing, so trainers stop here or pass the line over. Write it as “{0}”.', key);
  }
}

function wrongToken(token: string, kind: string, meant: string): string {
  if (meant !== '') {
    return l10n.t('{0} is no token of the model: it is learnt as separate letters. Write {1}.', token, meant);
  }
  return kind === 'loc'
    ? l10n.t(
      '{0} is no token of the model: it is learnt as separate letters. Write <loc0000> to <loc1023>, a fraction of the side × 1023.',
      token,
    )
    : l10n.t(
      '{0} is no token of the model: it is learnt as separate letters. Write <seg000> to <seg127>.',
      token,
    );
}

function boxOrder(how: string): string {
  return how === 'flat'
    ? l10n.t('This box has no area. Its four places are top, left, bottom, right: make it one step larger.')
    : l10n.t(
      'This box ends before it begins. Its four places are top, left, bottom, right, with y before x: look whether corners or axes are swapped.',
    );
}

function labelWithoutBox(how: string, text: string): string {
  switch (how) {
    case 'before':
      return l10n.t('“{0}” stands in front of the first box. A label stands behind its box.', text);
    case 'between':
      return l10n.t(
        '“{0}” stands between two semicolons without a box. Write its four loc tokens in front of it.',
        text,
      );
    default:
      return l10n.t('This answer to “{0}” has no box. Write four loc tokens and a label for each object.', text);
  }
}

function boxSpaces(where: string): string {
  return where === 'label'
    ? l10n.t('Exactly one space stands between a box and its label, as in the training of the model.')
    : l10n.t('The tokens of a box or mask stand side by side, as in the training of the model. Remove the space.');
}

function labelNotAsked(label: string, meant: string): string {
  return meant === ''
    ? l10n.t(
      'The prefix does not ask for “{0}”: the model learns to name what nobody wants. Add it there, or remove it.',
      label,
    )
    : l10n.t(
      'The prefix asks for “{1}”, and this label is “{0}”: for the model these are two classes. Write them alike.',
      label,
      meant,
    );
}

function edgeBlank(what: string, where: string): string {
  if (what === 'prefix') {
    return l10n.t(
      'The prefix begins or ends with white space, which every later prompt has to have as well. Remove it.',
    );
  }
  return where === 'start'
    ? l10n.t(
      'The answer begins with white space: its first word becomes another token than in usual answers. Remove it.',
    )
    : l10n.t('The answer ends with white space, which the model learns to write: exact comparison fails. Remove it.');
}

function tooLong(amount: string, limit: string, withImage: string): string {
  return withImage === ''
    ? l10n.t(
      'Prefix and suffix have {0} tokens, and the model takes {1}. Trainers cut the rest off, with the token that ends an answer: the model learns not to stop. Shorten them.',
      amount,
      limit,
    )
    : l10n.t(
      'Prefix and suffix have {0} tokens, and the model takes {1}. Trainers cut the rest off, with the token that ends an answer: the model learns not to stop. Shorten them. (“max_length” of Hugging Face counts the picture too: {2} here.)',
      amount,
      limit,
      withImage,
    );
}

function metadataName(what: string, name: string): string {
  return what === 'name'
    ? l10n.t(
      'Lines with “file_name” are found in a file called metadata.jsonl only. This one is called “{0}”: rename it.',
      name,
    )
    : l10n.t(
      'In a metadata.jsonl the picture is called “file_name”. Without it Hugging Face’s data sets leave out all columns: rename the key.',
    );
}

function pictureInTwoSplits(how: string, line: string, file: string): string {
  switch (how) {
    case 'augmented':
      return l10n.t(
        'A copy of this picture that was made by augmenting stands in line {0} of “{1}”: what is trained on is also tested on. Keep all copies in one part.',
        line,
        file,
      );
    case 'content':
      return l10n.t(
        'A picture with the same content stands in line {0} of “{1}”: what is trained on is also tested on. Keep it in one part.',
        line,
        file,
      );
    default:
      return l10n.t(
        'The same picture stands in line {0} of “{1}”: what is trained on is also tested on. Keep it in one part.',
        line,
        file,
      );
  }
}

function pictureMissing(path: string, how: string): string {
  return how === 'absolute'
    ? l10n.t('There is no picture “{0}”. Trainers stop here or pass the line over. Check the path.', path)
    : l10n.t(
      'There is no picture “{0}”. Trainers stop here or pass the line over. Paths are relative to the folder of this file.',
      path,
    );
}
