/** What `--output FORM [PATH]` and `--existing` say: which form, and whether the word behind it is its place. */
import path from 'node:path';
import { isThere } from '../../../../batch/src/disk';
import {
  existingChoices,
  isSingleForm,
  pictureForms,
  regionForms,
  singleForms,
  type ExistingChoice,
  type OutputForm,
} from '../../../../batch/src/forms';
import { isImagePath } from '../../../../paligemma/src/pictureTypes';
import { isGlob } from '../../language/syntax/imageList';
import { isRemote } from '../../language/text/paths';
import { oneOf, UsageError, type OptionValues } from '../terminal/options';
import { isStandardInput } from './inputs';

export interface OutputWish {
  readonly form: OutputForm;
  /** Absolute, with the separator at its end where one was written; undefined: beside the pictures. */
  readonly place: string | undefined;
  readonly existing: ExistingChoice;
  /** Lines of JSONL say that nobody has looked at them yet. */
  readonly areDrafts?: boolean;
}

export interface OutputWords {
  readonly output: OutputWish | undefined;
  /** What is left for the verb. */
  readonly positionals: readonly string[];
}

/** What a verb makes of its words; throws UsageError. */
type Reading = (positionals: readonly string[]) => { readonly images: readonly string[] };

const forms: readonly OutputForm[] = [...pictureForms, ...singleForms];

/**
 * @param behind Where the word behind the form stands among `positionals`.
 * @param read The verb's own reading, to see which of two the words mean.
 * @throws UsageError
 */
export function readOutput(
  values: OptionValues,
  positionals: readonly string[],
  behind: number | undefined,
  read: Reading,
): OutputWords {
  const existing = oneOf('existing', existingChoices, values.existing);
  if (values.output === undefined) {
    if (existing !== undefined) {
      throw new UsageError('--existing says what happens to files of --output, which is missing.');
    }
    return { output: undefined, positionals };
  }
  const form = readForm(values.output);
  const word = behind === undefined ? undefined : positionals[behind];
  const others = positionals.filter((_, index) => index !== behind);
  const isPlace = word !== undefined && (isSingleForm(form) || isMeantAsPlace(word, others, values, read));
  if (isSingleForm(form)) checkFile(form, word);
  return {
    output: { form, place: isPlace ? placeOf(word) : undefined, existing: existing ?? 'skip' },
    positionals: isPlace ? others : positionals,
  };
}

/** @throws UsageError for a form that holds nothing of these answers. */
export function checkRegions({ form }: OutputWish, verb: string): void {
  if (!regionForms.has(form)) return;
  throw new UsageError(`--output ${form} writes boxes, and ${verb} finds none; detect and segment do.`);
}

function readForm(value: string): OutputForm {
  const form = forms.find(each => each === value);
  if (form !== undefined) return form;
  throw new UsageError(
    `--output takes a form and then a path, for example --output jsonl answers.jsonl. "${value}" is none of ${
      forms.join(', ')
    }.`,
  );
}

function checkFile(form: OutputForm, word: string | undefined): void {
  if (word === undefined) {
    throw new UsageError(`--output ${form} needs a file behind it, for example --output ${form} FILE.`);
  }
  if (isStandardInput(word)) {
    throw new UsageError(`--output ${form} needs a file behind it; --json writes to standard output.`);
  }
  if (isImagePath(word)) throw new UsageError(`Behind --output ${form} stands its file, and "${word}" is a picture.`);
}

/**
 * Of forms that lie beside the pictures too. A name that only a picture has is one, and so is a word without which
 * nothing would be left to run on.
 */
function isMeantAsPlace(word: string, others: readonly string[], values: OptionValues, read: Reading): boolean {
  if (isStandardInput(word) || isImagePath(word) || isGlob(word) || /^file:/i.test(word) || isRemote(word)) {
    return false;
  }
  try {
    const { images } = read(others);
    // The verb's own word, such as an object, is no picture.
    const [own] = others.slice(0, others.length - images.length);
    return (images.length > 0 || values['files-from'] !== undefined) && !(own !== undefined && isPicture(own));
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function isPicture(word: string): boolean {
  return isImagePath(word) || isThere(path.resolve(word));
}

function placeOf(word: string): string {
  const separator = /[\\/]$/.test(word) ? path.sep : '';
  return path.resolve(word) + separator;
}
