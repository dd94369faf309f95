/** What the lenses of a line do: show its picture, ask the model, and put both answers side by side. */
import * as l10n from '@vscode/l10n';
import { MessageType, type CancellationToken } from 'vscode-languageserver/node';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import { plainLine } from '../../../../paligemma/src/plainText';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { tokenLimit } from '../../../../paligemma/src/tasks';
import { showAnswers, type AskedPicture } from '../../contract/answers';
import { COMPARE_SET_LINE, RUN_SET_LINE, SHOW_SET_LINE } from '../../contract/dataSets';
import { imageUriOf } from '../../runs/imagePath';
import type { RunServices } from '../../runs/runServices';
import type { Client } from '../connection/client';
import type { Commands, ReportedWork } from '../connection/commands';
import { RunProgressReporter } from '../connection/runProgressReporter';
import type { PictureHelp } from '../pictures/pictureHelp';
import type { LineMasks } from './lineMasks';
import { resultOfLine } from './lineRegions';
import type { OpenSets } from './openSets';
import { pictureOf } from './setAnswers';

export interface SetCommandParts {
  readonly client: Client;
  readonly services: Pick<RunServices, 'runner' | 'pictureHashes'>;
  readonly pictures: PictureHelp;
  readonly sets: OpenSets;
  readonly masks: LineMasks;
}

/** A line with what a run of it needs. */
interface Question {
  readonly read: SetLine;
  readonly imagePath: string;
  readonly prompt: string;
}

export function setCommands(parts: SetCommandParts): Commands {
  return {
    [SHOW_SET_LINE]: async (argument, token) => {
      const question = readQuestion(argument, parts.sets);
      await show(parts, question, [await expected(parts, question, token)]);
      return null;
    },
    [RUN_SET_LINE]: async (argument, _token, report) => {
      const question = readQuestion(argument, parts.sets);
      const { result, picture } = await run(parts, question, await report());
      await show(parts, question, [picture]);
      await tell(parts, result.suffix);
      return { suffix: result.suffix };
    },
    [COMPARE_SET_LINE]: async (argument, token, report) => {
      const question = readQuestion(argument, parts.sets);
      const { result, picture } = await run(parts, question, await report());
      await show(parts, question, [await expected(parts, question, token), picture]);
      const wanted = question.read.suffix?.value ?? '';
      const isSame = wanted.trim() === result.suffix.trim();
      await tell(
        parts,
        isSame
          ? l10n.t('The model answers just what the line says.')
          : l10n.t('The line says “{0}”, the model “{1}”.', plainLine(wanted), plainLine(result.suffix)),
      );
      return { expected: wanted, suffix: result.suffix, isSame };
    },
  };
}

/** What the line says, as the image view shows answers. */
async function expected(
  { client, services, pictures, masks }: SetCommandParts,
  { read, imagePath }: Question,
  token: CancellationToken,
): Promise<AskedPicture> {
  const imageUri = imageUriOf(imagePath);
  const { sha256 } = await services.pictureHashes.of(imagePath, token);
  const size = await pictures.sizeOf(imagePath);
  if (size === undefined || read.suffix === undefined) return { imageUri };
  const regions = await masks.regionsOf(read, client.settings.locDivisor, token)(size);
  const result = resultOfLine(read, { ...size, path: imagePath, sha256 }, regions);
  return { imageUri, key: pictures.lend(result) };
}

async function run(
  { client, services: { runner } }: SetCommandParts,
  { imagePath, prompt }: Question,
  { reporter, token }: ReportedWork,
): Promise<{ readonly result: RunResult; readonly picture: AskedPicture }> {
  await client.configuration.ready;
  const model = await runner.prepare({});
  const imageUri = imageUriOf(imagePath);
  const limit = tokenLimit(prompt, undefined, client.settings.maxNewTokens);
  const progress = new RunProgressReporter(reporter, [imageUri], () => limit, client.timers);
  const request = { model, imagePath, prompt };
  progress.begin();
  try {
    const result = await runner.run(
      { ...request, priority: 'command', useStore: true },
      value => progress.report(0, value),
      token,
    );
    return { result, picture: { imageUri, key: runner.keyOf(request, result.image.sha256) } };
  } finally {
    progress.done();
  }
}

/** A client that shows answers steps through them; any other one opens the picture, if it can. */
async function show(
  { client: { connection, abilities } }: SetCommandParts,
  { prompt }: Question,
  pictures: readonly AskedPicture[],
): Promise<void> {
  const [first] = pictures;
  if (first === undefined) return;
  if (abilities.showsAnswers) await connection.sendNotification(showAnswers, { prompt, pictures });
  else if (abilities.showsDocuments) await connection.window.showDocument({ uri: first.imageUri, takeFocus: true });
}

/** Clients without an image view show nothing of what a command answers. */
async function tell({ client }: SetCommandParts, message: string): Promise<void> {
  if (client.abilities.showsAnswers) return;
  await client.tell(MessageType.Info, message === '' ? l10n.t('The model answered nothing.') : plainLine(message));
}

/** @throws Failure `badArgument` */
function readQuestion(argument: unknown, sets: OpenSets): Question {
  const { uri, line } = isRecord(argument) ? argument : {};
  const document = typeof uri === 'string' ? sets.dataSet(uri) : undefined;
  if (document === undefined || typeof line !== 'number') {
    throw new Failure(
      'badArgument',
      l10n.t('The command needs an argument { uri, line }: an open data set, and a line counted from 0.'),
    );
  }
  const read = document.exampleAt(line);
  const imagePath = read === undefined ? undefined : pictureOf(document.uri, read);
  if (read === undefined || imagePath === undefined) {
    throw new Failure(
      'badArgument',
      l10n.t('Line {0} names no single picture of this machine.', line + 1),
    );
  }
  return { read, imagePath, prompt: read.prefix?.value ?? '' };
}
