/** The forms in which the answers of many pictures are written, and what happens to files that are there already. */

/** One file for each picture. */
export const pictureForms = ['sidecars', 'yolo', 'voc'] as const;
export type PictureForm = (typeof pictureForms)[number];

/** One file for all of them. */
export const singleForms = ['jsonl', 'markdown', 'coco'] as const;
export type SingleForm = (typeof singleForms)[number];

export type OutputForm = PictureForm | SingleForm;

export function isSingleForm(form: OutputForm): form is SingleForm {
  return (singleForms as readonly string[]).includes(form);
}

/** Forms of regions: of an answer without any they hold nothing. */
export const regionForms: ReadonlySet<OutputForm> = new Set(['yolo', 'voc', 'coco']);

export const fileEndings: Readonly<Record<OutputForm, string>> = {
  sidecars: '.txt',
  yolo: '.txt',
  voc: '.xml',
  jsonl: '.jsonl',
  markdown: '.md',
  coco: '.coco.json',
};

/**
 * `skip`: they stay, and their pictures are not run (a single file is added to instead); `overwrite`: they are
 * replaced; `rename`: they stay, and the answers get names of their own.
 */
export const existingChoices = ['skip', 'overwrite', 'rename'] as const;
export type ExistingChoice = (typeof existingChoices)[number];
