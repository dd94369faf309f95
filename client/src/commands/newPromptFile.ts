/**
 * "New File… › PaliGemma Prompt File": from a template, in the workspace and with its pictures; without a workspace a
 * document that is not saved yet.
 */
import { l10n, RelativePattern, SnippetString, Uri, workspace } from 'vscode';
import type { QuickPickItem, TextDocument, WorkspaceFolder } from 'vscode';
import { imageGlob } from '../../../paligemma/src/pictureTypes';
import { PROMPT_LANGUAGE_ID } from '../connection/languageClient';
import { window } from '../common/window';

interface Template {
  readonly label: string;
  readonly detail: string;
  /** In the syntax of snippets; `pictures` is what stands behind `@image`. */
  readonly body: (pictures: string) => string;
}

/** Asks which template, and opens it with its first place to fill in selected. */
export async function newPromptFile(): Promise<void> {
  const items = templates().map((template): QuickPickItem & { readonly template: Template } => ({
    label: template.label,
    detail: template.detail,
    template,
  }));
  const choice = await window.showQuickPick(items, {
    title: l10n.t('New Prompt File'),
    placeHolder: l10n.t('What shall the model be asked?'),
    matchOnDetail: true,
  });
  if (choice === undefined) return;
  const [folder] = workspace.workspaceFolders ?? [];
  const editor = await window.showTextDocument(await newDocument(folder));
  await editor.insertSnippet(new SnippetString(choice.template.body(await picturesIn(folder))));
}

/** A file of its own, since paths of pictures are relative to one; the person may call it otherwise. */
async function newDocument(folder: WorkspaceFolder | undefined): Promise<TextDocument> {
  if (folder === undefined) return workspace.openTextDocument({ language: PROMPT_LANGUAGE_ID });
  const taken = new Set((await workspace.fs.readDirectory(folder.uri)).map(([name]) => name.toLowerCase()));
  const name = Array.from({ length: taken.size + 1 }, (_, number) => number === 0 ? 'prompts' : `prompts-${number}`)
    .map(stem => `${stem}.paligemma`).find(each => !taken.has(each));
  const uri = Uri.joinPath(folder.uri, name ?? 'prompts.paligemma');
  await workspace.fs.writeFile(uri, new Uint8Array());
  return workspace.openTextDocument(uri);
}

function templates(): Template[] {
  return [
    {
      label: l10n.t('Captions'),
      detail: l10n.t('One line, a few sentences, and the text in the picture'),
      body: pictures => `@image ${pictures}\n\ncaption ${'${2:en}'}\ndescribe ${'${2:en}'}\nocr\n$0`,
    },
    {
      label: l10n.t('Objects'),
      detail: l10n.t('Boxes around what you name, and outlines'),
      body: pictures => `@image ${pictures}\n\ndetect ${'${2:cup} ; ${3:plate}'}\nsegment ${'${2:cup}'}\n$0`,
    },
    {
      label: l10n.t('Questions'),
      detail: l10n.t('About what is to be seen, with answers of a few words'),
      body: pictures =>
        `@image ${pictures}\n\nanswer en ${'${2:what is in the picture?}'}\nanswer en ${'${3:how many are there?}'}\n$0`,
    },
    {
      label: l10n.t('Expected Answers'),
      detail: l10n.t('Prompts that are tests: a run marks the answers that differ'),
      body: pictures => `@image ${pictures}\n\ncaption en\n  => ${'${2:a cup on a table}'}\n$0`,
    },
    {
      label: l10n.t('Empty'),
      detail: l10n.t('Pictures, and a line for a prompt'),
      body: pictures => `@image ${pictures}\n\n$0`,
    },
  ];
}

/** A pattern for the folder with the first pictures that are found, as a place to fill in. */
async function picturesIn(folder: WorkspaceFolder | undefined): Promise<string> {
  const [first] = folder === undefined
    ? []
    : await workspace.findFiles(new RelativePattern(folder, imageGlob), undefined, 1);
  if (first === undefined) return '${1:photos/*.jpg}';
  const place = workspace.asRelativePath(first, false);
  const pattern = `${place.slice(0, place.lastIndexOf('/') + 1)}*${place.slice(place.lastIndexOf('.'))}`;
  const written = /[\s,"']/.test(pattern) ? `"${pattern.replaceAll('"', '""')}"` : pattern;
  return `\${1:${written.replace(/[\\$}]/g, '\\$&')}}`;
}
