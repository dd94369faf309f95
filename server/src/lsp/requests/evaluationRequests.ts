/** The request that evaluates a model on a data set. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { CancellationToken } from 'vscode-languageserver/node';
import { isCount } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import { evaluate, type EvaluateParams, type EvaluateResult, type JudgedLine } from '../../contract/evaluation';
import { maskDecoderOf } from '../../evaluation/decodeMask';
import { evaluateSet } from '../../evaluation/evaluateSet';
import type { EvaluationProgress } from '../../evaluation/evaluationWish';
import { EvaluationPace } from '../../evaluation/evaluationPace';
import { ReportMaker } from '../../evaluation/report/reportMaker';
import type { RunServices } from '../../runs/runServices';
import { loadChemistry } from '../../util/chemistry';
import { spokenLanguage } from '../../util/words';
import { Seldom } from '../../util/seldom';
import { pathOfUri } from '../../workspace/filePaths';
import type { Client } from '../connection/client';

export interface EvaluationRequestContext {
  readonly client: Pick<Client, 'progressUnder' | 'requests' | 'log' | 'timers'> & {
    readonly configuration: { readonly ready: Promise<void> };
  };
  readonly services: RunServices;
  readonly cachePath: string;
}

const INTERVAL_MS = 200;

export function registerEvaluationRequests(context: EvaluationRequestContext): void {
  const { client: { requests, configuration } } = context;
  requests.on(evaluate, async (params, token) => {
    const file = readFile(params);
    await configuration.ready;
    return evaluateFile(context, { ...params, file }, token);
  });
}

/** @throws Failure `badArgument` */
function readFile(params: EvaluateParams | null | undefined): string {
  const file = typeof params?.fileUri === 'string' ? pathOfUri(params.fileUri) : undefined;
  const areModels = [params?.model, params?.against].every(name => name === undefined || typeof name === 'string');
  const limit = params?.limit;
  if (file !== undefined && areModels && (limit === undefined || (isCount(limit) && limit > 0))) return file;
  throw new Failure('badArgument', l10n.t('To be evaluated, a data set has to be a file on this machine.'));
}

async function evaluateFile(
  { client, services, cachePath }: EvaluationRequestContext,
  { file, model: name, against: other, limit, workDoneToken }: EvaluateParams & { readonly file: string },
  token: CancellationToken,
): Promise<EvaluateResult> {
  const { runner, pictureHost } = services;
  const reporter = client.progressUnder(workDoneToken);
  const pace = new EvaluationPace();
  const progress = new Seldom(
    (now: EvaluationProgress) => reporter.report(Math.floor(now.fraction * 100), pace.text(now)),
    INTERVAL_MS,
    client.timers,
  );
  reporter.begin('PaliGemma 2', 0, path.basename(file), true);
  try {
    const model = await runner.prepare({ name });
    const against = other === undefined ? undefined : await runner.prepare({ name: other });
    const report = new ReportMaker(pictureHost, spokenLanguage());
    const lines: JudgedLine[] = [];
    const summary = await evaluateSet(
      { file, model, against, limit, useStore: true, priority: 'batch' },
      { runner, decodeMask: maskDecoderOf(pictureHost, cachePath), loadChemistry, log: client.log },
      {
        line: line => {
          const { image, prefix, expected, suffix, rightness } = line;
          lines.push({ image, prefix, expected, suffix, rightness });
          return report.add(line);
        },
        left: () => undefined,
        progress: now => progress.tell(now),
      },
      token,
    );
    return { summary, page: await report.page(path.basename(file), summary, token), lines };
  } finally {
    progress.end();
    reporter.done();
  }
}
