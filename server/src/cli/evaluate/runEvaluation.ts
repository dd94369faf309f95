/** Evaluates for the command line: what is asked for, and how it is told. */
import path from 'node:path';
import type { MetricName } from '../../../../datasets/src/evaluation/metricName';
import { failureJson, jsonText } from '../../../../paligemma/src/answers/json';
import { ADAPTER_CONFIG_FILE, CONFIG_FILE } from '../../../../paligemma/src/folderContents';
import { Failure } from '../../../../paligemma/src/failures';
import { given } from '../../../../paligemma/src/given';
import type { EvaluatedLine, EvaluationSummary, LeftLine } from '../../contract/evaluation';
import { maskDecoderOf } from '../../evaluation/decodeMask';
import { evaluateSet } from '../../evaluation/evaluateSet';
import type { EvaluationWish } from '../../evaluation/evaluationWish';
import { ReportFolder } from '../../evaluation/report/reportFolder';
import { ReportMaker } from '../../evaluation/report/reportMaker';
import { EvaluationPace } from '../../evaluation/evaluationPace';
import { ownCachePath } from '../../models/folders/cachePath';
import type { PreparedModel } from '../../runs/runner';
import { CancelledError } from '../../util/cancellation';
import { loadChemistry } from '../../util/chemistry';
import { statOf } from '../../workspace/filePaths';
import type { RunOptions } from '../terminal/options';
import { textFailure } from '../terminal/output';
import { agreeToNamed } from '../terminal/serverConsent';
import { openSession, type Session } from '../terminal/session';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, VerbContext } from '../terminal/verb';
import { summaryLines } from './summaryLines';

export interface CommandWish {
  /** Absolute. */
  readonly file: string;
  readonly options: RunOptions;
  /** A model as `--model` names it, or the folder of an adapter. */
  readonly against: string | undefined;
  readonly metric: MetricName | undefined;
  readonly limit: number | undefined;
  /** Absolute. */
  readonly reportPath: string | undefined;
}

/** @throws CancelledError after a signal; Failure where the file cannot be read, no line is fit, or no model can be had. */
export async function runEvaluation(context: VerbContext, wish: CommandWish): Promise<ExitCode> {
  const session = openSession(context, wish.options);
  try {
    const { summary } = await evaluateInSession(context, session, wish);
    return summary.left > 0 || (summary.against?.left ?? 0) > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof CancelledError && wish.options.useStore) {
      context.terminal.note('Note: what was answered is kept; the same command goes on there.');
    }
    throw error;
  } finally {
    await session.close();
  }
}

/**
 * The same in a session that is open, printing nothing but notes where `isSilent`: for commands that evaluate on their
 * way. @throws as {@link runEvaluation}.
 */
export async function evaluateInSession(
  context: VerbContext,
  session: Session,
  wish: CommandWish,
  isSilent = false,
): Promise<{ readonly summary: EvaluationSummary }> {
  const { terminal, interrupt } = context;
  const { file, options, metric, limit } = wish;
  const folder = wish.reportPath === undefined ? undefined : new ReportFolder(wish.reportPath);
  await folder?.make();
  // The words of the command line are English.
  const report = folder === undefined ? undefined : new ReportMaker(session.host, 'en');
  const [model, against] = await modelsOf(context, session, wish);
  const set: EvaluationWish = {
    file,
    model,
    against,
    metric,
    limit,
    maxNewTokens: options.maxNewTokens,
    useStore: options.useStore,
    priority: 'command',
  };
  const print = async (value: unknown) => {
    if (options.json && !isSilent) await terminal.print(jsonText(value));
  };
  const pace = new EvaluationPace();
  const summary = await evaluateSet(
    set,
    {
      runner: session.runner,
      decodeMask: maskDecoderOf(session.host, ownCachePath()),
      loadChemistry,
      log: session.log,
    },
    {
      line: line => {
        report?.add(line);
        return print(lineJson(line));
      },
      left: async left => {
        await print(leftJson(left));
        terminal.note(
          textFailure(`${shownPath(file)}:${left.line}`, new Failure(left.error.reason, left.error.message)),
        );
      },
      progress: progress => terminal.progress.update({ fraction: progress.fraction, text: pace.text(progress) }),
    },
    interrupt.token,
  );
  const page = await report?.page(path.basename(file), summary, interrupt.token);
  const reportFile = page === undefined ? undefined : await folder?.write(page);
  await print({ summary });
  if (!options.json && !isSilent) {
    for (const line of summaryLines(summary, terminal.isReadByPerson)) await terminal.print(line);
  }
  if (reportFile !== undefined) terminal.note(`Report: ${shownPath(reportFile)}`);
  return { summary };
}

/** What answers, and what it is compared with. */
async function modelsOf(
  context: VerbContext,
  session: Session,
  { options: { model: name, adapterPath }, against }: CommandWish,
): Promise<readonly [PreparedModel, PreparedModel | undefined]> {
  const prepare = async (wished: string | undefined, adapter: string | undefined) => {
    await agreeToNamed(context, session, wished);
    const prepared = await session.runner.prepare({ name: wished, adapterPath: adapter });
    if (prepared.note !== undefined) context.terminal.note(`Note: ${prepared.note}`);
    return prepared;
  };
  const model = await prepare(name, adapterPath);
  if (against === undefined) return [model, undefined];
  const folder = path.resolve(against);
  return [model, await (await isAdapter(folder) ? prepare(name, folder) : prepare(against, undefined))];
}

/** The folder of an adapter alone; one that holds a checkpoint too is a model. */
async function isAdapter(folder: string): Promise<boolean> {
  const [adapter, model] = await Promise.all(
    [ADAPTER_CONFIG_FILE, CONFIG_FILE].map(name => statOf(path.join(folder, name))),
  );
  return adapter?.isFile() === true && model === undefined;
}

/** A contract for scripts. */
function lineJson({ line, image, prefix, expected, suffix, scores, against }: EvaluatedLine): unknown {
  const other = against === undefined ? undefined : { suffix: against.suffix, scores: against.scores };
  return { line, image, prefix, expected, suffix, scores, ...given({ against: other }) };
}

function leftJson({ line, image, error }: LeftLine): unknown {
  return { line, ...failureJson(image, error) };
}
