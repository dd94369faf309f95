/** Runs the prompts of a prompt file in its order and compares the answers with the expected ones. */
import * as l10n from '@vscode/l10n';
import { readAnswer } from '../../../../paligemma/src/kinds/kinds';
import type { RunResult } from '../../../../paligemma/src/runResult';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../../paligemma/src/failures';
import { tileKindOf } from '../../../../paligemma/src/tiles/kind';
import { emptyContext } from '../../language/knowledge/context';
import type { DiagnosticCode } from '../../language/findings/diagnosticCodes';
import { findAll } from '../../language/findings/diagnostics';
import { createDocument } from '../../language/syntax/document';
import { isPassed, judge } from '../../language/knowledge/expectations';
import { folderNote, imageTexts, runsOf, type PromptRuns } from '../../language/knowledge/promptRuns';
import { imagePathOf } from '../../runs/imagePath';
import { PromptModels } from '../../runs/promptModels';
import type { PreparedModel } from '../../runs/runner';
import { systemTimers } from '../../util/timers';
import { ImageMatches } from '../../workspace/imageMatches';
import { Batch, type PlannedPicture } from './batch';
import { readTextInput } from './inputs';
import { readRunOptions, type RunOptions } from '../terminal/options';
import { escapeLine } from '../terminal/output';
import { agreeToNamed } from '../terminal/serverConsent';
import { openSession } from '../terminal/session';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** Lines that do not say what their author meant: the prompts run, and the exit code is that of a failure. */
const faults: ReadonlySet<DiagnosticCode> = new Set([
  'unknown-directive',
  'missing-value',
  'unknown-setting',
  'bad-value',
  'unclosed-quote',
  'image-remote',
  'image-elsewhere',
]);

/** @throws CancelledError after a signal; UsageError; Failure where the file cannot be read. */
export async function runFile(context: VerbContext, filePath: string): Promise<ExitCode> {
  const options = readRunOptions(context.values);
  const { text, folder } = await readTextInput(filePath, 'prompt file', context.interrupt.token);
  // Its name says nothing, only its folder does.
  const documentUri = pathToFileURL(path.join(folder, path.basename(filePath))).href;
  const document = createDocument(documentUri, 0, text);
  const session = openSession(context, options);
  const batch = new Batch(context, session, options);
  try {
    await batch.begin();
    await agreeToNamed(context, session, options.model);
    const models = new PromptModels(session.runner, documentUri, {
      name: options.model,
      adapterPath: options.adapterPath,
    }, ({ note }) => {
      if (note !== undefined) context.terminal.note(`Note: ${note}`);
    });
    const plans: PlannedPicture[] = [];
    for (const { code, range, message } of findAll(document, emptyContext)) {
      if (faults.has(code)) {
        await batch.fail(
          undefined,
          new Failure('badArgument', l10n.t('{0}:{1}: {2}', filePath, range.start.line + 1, message)),
        );
      }
    }
    const matches = new ImageMatches({ onDidChange: () => undefined, now: () => systemTimers.now() });
    await matches.settle(documentUri, imageTexts(document));
    for (const runs of runsOf(document, { images: (uri, text) => matches.get(uri, text) })) {
      await plan(runs, { filePath, batch, models, options, plans });
    }
    return await batch.run(plans);
  } finally {
    await session.close();
  }
}

interface Planning {
  readonly filePath: string;
  readonly batch: Batch;
  readonly models: PromptModels;
  readonly options: RunOptions;
  readonly plans: PlannedPicture[];
}

/** What cannot run is reported at once, before anything is loaded. */
async function plan(runs: PromptRuns, { filePath, batch, models, options, plans }: Planning): Promise<void> {
  const { line, prompt, settings, imageUris } = runs;
  const place = `${filePath}:${line + 1}`;
  await reportFaults(runs, place, batch);
  if (imageUris.length === 0) return;
  let model: PreparedModel;
  try {
    model = await models.get(runs);
  } catch (error) {
    for (const uri of imageUris) await batch.fail(shownPath(imagePathOf(uri)), error);
    return;
  }
  const show = settings.show ?? options.show;
  for (const uri of imageUris) {
    const imagePath = imagePathOf(uri);
    const image = shownPath(imagePath);
    plans.push({
      image,
      imagePath,
      prompt,
      model,
      maxNewTokens: settings.maxNewTokens ?? options.maxNewTokens,
      locDivisor: settings.locDivisor,
      show,
      // The command is for all prompts of the file, and means those that can be asked of parts.
      tiles: settings.tiles ?? (tileKindOf(prompt) === undefined ? undefined : options.tiles),
      format: result => [
        [image, prompt, show === undefined ? result.suffix : readAnswer(result, show, l10n.t).text()].map(escapeLine)
          .join('\t'),
      ],
      complaint: result => complaintOf(runs, result, `${place}: ${image}`),
    });
  }
}

/** Pictures that are named and not there, or not named at all. */
async function reportFaults(
  { missing, folders, isTruncated, hasNoImage }: PromptRuns,
  place: string,
  batch: Batch,
): Promise<void> {
  if (hasNoImage) {
    await batch.fail(
      undefined,
      new Failure(
        'badArgument',
        l10n.t('{0}: no picture is named for this prompt. Write a line such as “@image photo.png” above it.', place),
      ),
    );
  }
  for (const item of missing) {
    await batch.fail(
      item,
      new Failure(
        'imageMissing',
        l10n.t(
          '{0}: nothing was found for {1}. Check the path in @image; it starts from the folder of the prompt file.',
          place,
          item,
        ),
      ),
    );
  }
  for (const folder of folders) {
    await batch.fail(folder, new Failure('imageUnsupported', l10n.t('{0}: {1}', place, folderNote(folder))));
  }
  if (isTruncated) {
    await batch.fail(
      undefined,
      new Failure(
        'badArgument',
        l10n.t(
          '{0}: a pattern in @image matches too many pictures; the first ones are run. Use a narrower pattern.',
          place,
        ),
      ),
    );
  }
}

function complaintOf({ expectations }: PromptRuns, { suffix }: RunResult, place: string): string | undefined {
  const verdict = judge(expectations, suffix);
  if (verdict === undefined || isPassed(verdict)) return undefined;
  return `${place}: expected ${
    expectations.map(({ text }) => `"${escapeLine(text)}"`).join(' or ')
  }, but the answer is "${escapeLine(suffix)}".`;
}
