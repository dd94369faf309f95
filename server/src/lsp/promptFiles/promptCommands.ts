/**
 * The commands of lenses and code actions: run, stop, accept, show. Every client can send them by
 * `workspace/executeCommand`.
 */
import * as l10n from '@vscode/l10n';
import { MessageType } from 'vscode-languageserver/node';
import { Failure } from '../../../../paligemma/src/failures';
import { given } from '../../../../paligemma/src/given';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { showAnswers, type AskedPicture } from '../../contract/answers';
import type { Documents } from './documents';
import { ACCEPT_RESULT, RUN_ALL_PROMPTS, RUN_PROMPT, STOP_RUN } from '../../language/features/commands';
import type { LanguageContext, RunKey } from '../../language/knowledge/context';
import { promptAt, promptsBetween, type PromptDocument } from '../../language/syntax/document';
import { acceptResultEdits } from '../../language/knowledge/expectations';
import type { PromptNode } from '../../language/syntax/parser';
import { imageTexts, runsOfPrompt } from '../../language/knowledge/promptRuns';
import type { PromptRunner, RunSummary } from './promptRunner';
import { RUN_PROMPTS_IN_LINES } from '../../contract/protocol';
import { SHOW_IMAGES, type PromptPicture, type PromptPictures } from '../../contract/promptPictures';
import { nameEverywhere } from '../../runs/promptModels';
import type { ImageMatches } from '../../workspace/imageMatches';
import type { Client } from '../connection/client';
import type { Commands, ReportedWork } from '../connection/commands';
import { tokenLimit } from '../../../../paligemma/src/tasks';
import { RunProgressReporter } from '../connection/runProgressReporter';
import { workspaceEdit } from '../connection/workspaceEdits';

export interface PromptCommandParts {
  readonly client: Client;
  readonly documents: Documents;
  readonly context: LanguageContext;
  readonly matches: ImageMatches;
  readonly runner: PromptRunner;
  /** Where the whole answer to a run of a document is stored. */
  readonly keyOf: (documentUri: string, run: RunKey, result: RunResult) => Promise<string | undefined>;
}

/** What the commands take; `line` and `endLine` count from 0. */
interface Arguments {
  readonly document: PromptDocument;
  readonly line: number | undefined;
  readonly endLine: number | undefined;
}

export function promptCommands(parts: PromptCommandParts): Commands {
  const { documents, matches, runner } = parts;
  const runLines = async (argument: unknown, isAll: boolean, report: () => Promise<ReportedWork>) => {
    const { document: opened, line, endLine } = read(argument, documents);
    const { reporter, token } = await report();
    await matches.settle(opened.uri, imageTexts(opened));
    const document = documents.parsed(opened.uri) ?? opened;
    const prompt = isAll || endLine !== undefined ? undefined : promptOf(document, line);
    const from = prompt?.line ?? line ?? 0;
    const lines = isAll ? undefined : { from, to: endLine ?? from };
    return runReported(parts, document, lines, { reporter, token });
  };
  return {
    [RUN_PROMPT]: (argument, _token, report) => runLines(argument, false, report),
    [RUN_PROMPTS_IN_LINES]: (argument, _token, report) => runLines(argument, false, report),
    [RUN_ALL_PROMPTS]: (argument, _token, report) => runLines(argument, true, report),
    [STOP_RUN]: argument => {
      const { document, line } = read(argument, documents);
      return Promise.resolve({
        stopped: runner.stop(document.uri, line === undefined ? undefined : promptOf(document, line).text),
      });
    },
    [ACCEPT_RESULT]: argument => accept(parts, read(argument, documents)),
    [SHOW_IMAGES]: argument => showImages(parts, read(argument, documents)),
  };
}

async function runReported(
  { runner, client }: PromptCommandParts,
  document: PromptDocument,
  lines: { readonly from: number; readonly to: number } | undefined,
  { reporter, token }: ReportedWork,
): Promise<RunSummary> {
  let progressReporter: RunProgressReporter | undefined;
  try {
    const summary = await runner.run(document, lines, {
      begin: runs => {
        const limits = runs.map(({ prompt, settings: { maxNewTokens } }) =>
          tokenLimit(prompt, maxNewTokens, client.settings.maxNewTokens)
        );
        progressReporter = new RunProgressReporter(
          reporter,
          runs.map(run => run.imageUri),
          index => limits[index] ?? 1,
          client.timers,
        );
        progressReporter.begin();
      },
      progress: (index, progress, done) => progressReporter?.report(index, progress, done),
    }, token);
    await tell(client, summary);
    return summary;
  } finally {
    progressReporter?.done();
  }
}

/** Failures stand on their lines; only what did not run at all needs a message. */
async function tell(
  client: Client,
  { done, failed, cancelled, problems: [problem] }: RunSummary,
): Promise<void> {
  if (done + failed + cancelled > 0 || problem === undefined) return;
  await client.tell(MessageType.Warning, `${l10n.t('Nothing was run.')} ${problem}`);
}

async function accept(
  { client: { connection, abilities }, context }: PromptCommandParts,
  { document, line, endLine }: Arguments,
): Promise<{ readonly isApplied: boolean }> {
  const prompts = endLine === undefined ? [promptOf(document, line)] : promptsBetween(document, line ?? 0, endLine);
  const edits = prompts.flatMap(prompt => acceptResultEdits(document, prompt, context));
  if (edits.length === 0) {
    throw new Failure('nothingToDo', l10n.t('There is no new answer to accept here. Run the prompt first.'));
  }
  if (!abilities.appliesEdits) {
    throw new Failure(
      'editRefused',
      l10n.t(
        'This editor accepts no edits from the server. Use the code action “Expect this result from now on” instead.',
      ),
    );
  }
  const { applied, failureReason } = await connection.workspace.applyEdit({
    label: l10n.t('Accept the answer as expected'),
    edit: workspaceEdit([{ document, edits, isOpen: true }], abilities),
  });
  if (!applied) {
    throw new Failure(
      'editRefused',
      failureReason === undefined
        ? l10n.t('The editor did not accept the edit. Try again.')
        : l10n.t('The editor did not accept the edit ({0}). Try again.', failureReason),
    );
  }
  return { isApplied: applied };
}

/**
 * Answers the pictures of a prompt with what is known. A client that shows many with their results does so itself; one
 * that shows answers is told them; any other opens the first picture, if it can.
 */
async function showImages(
  { client: { connection, abilities }, context, keyOf }: PromptCommandParts,
  { document, line }: Arguments,
): Promise<PromptPictures> {
  const prompt = promptOf(document, line);
  const runs = runsOfPrompt(document, prompt, context).map(run => ({ run, state: context.runState(run) }));
  const images = runs.map(({ run, state }): PromptPicture => ({
    imageUri: run.imageUri,
    prompt: run.prompt,
    ...given({ model: run.model }),
    ...(state?.kind === 'done' ? { result: state.result } : {}),
    ...(state?.kind === 'failed' ? { problem: state.message } : {}),
  }));
  const [first] = images;
  const { show, ...settings } = prompt.state.settings;
  const isShownThere = abilities.showsResults && images.length > 1;
  if (first !== undefined && abilities.showsAnswers && !isShownThere) {
    const pictures = await Promise.all(runs.map(async ({ run, state }): Promise<AskedPicture> => ({
      imageUri: run.imageUri,
      ...given({ key: state?.kind === 'done' ? await keyOf(document.uri, run, state.result) : undefined }),
      ...(state?.kind === 'failed' ? { error: state.message } : {}),
    })));
    await connection.sendNotification(showAnswers, { prompt: prompt.text, ...given({ show }), pictures });
  } else if (first !== undefined && abilities.showsDocuments && !isShownThere) {
    await connection.window.showDocument({ uri: first.imageUri, takeFocus: true });
  }
  const [{ model } = { model: undefined }] = runs.map(({ run }) => run);
  const name = model === undefined ? undefined : await nameEverywhere(document.uri, model, context.models);
  return { images, choices: given({ ...settings, model: name }), ...given({ show }) };
}

function promptOf(document: PromptDocument, line: number | undefined): PromptNode {
  const prompt = promptAt(document, line ?? 0);
  if (prompt === undefined) {
    throw new Failure(
      'badArgument',
      l10n.t('There is no prompt in line {0}. Place the cursor on a prompt.', (line ?? 0) + 1),
    );
  }
  return prompt;
}

/** @throws Failure `badArgument` */
function read(argument: unknown, documents: Documents): Arguments {
  if (typeof argument !== 'object' || argument === null || !('uri' in argument) || typeof argument.uri !== 'string') {
    throw new Failure(
      'badArgument',
      l10n.t('The command needs an argument { uri, line }: an open prompt file, and a line counted from 0.'),
    );
  }
  const document = documents.parsed(argument.uri);
  if (document === undefined) {
    throw new Failure(
      'badArgument',
      l10n.t('{0} is not open as a prompt file. Open it first.', argument.uri.slice(0, 200)),
    );
  }
  return { document, line: lineIn(argument, 'line'), endLine: lineIn(argument, 'endLine') };
}

function lineIn(argument: object, name: 'line' | 'endLine'): number | undefined {
  const value: unknown = (argument as Readonly<Record<string, unknown>>)[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Failure('badArgument', l10n.t('The command needs {0} as a whole number, counted from 0.', name));
  }
  return value;
}
