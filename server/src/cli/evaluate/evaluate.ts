import path from 'node:path';
import { evaluationMetrics, isMetricName, type MetricName } from '../../../../datasets/src/evaluation/metricName';
import { nearest } from '../../language/text/fuzzy';
import { placeOf } from '../pictures/inputs';
import { readCount, readRunOptions, UsageError } from '../terminal/options';
import type { Verb } from '../terminal/verb';

export const evaluate: Verb = {
  name: 'evaluate',
  usage: 'evaluate FILE',
  summary: 'run the lines of a data set and measure how right the answers are',
  details: [
    '',
    'FILE is JSONL as trainers take it: a line each with a picture, a prompt and the expected answer. Each line is judged by',
    'what papers use for its task, or by --metric. Answers that are known are not asked for again, so the same command goes',
    'on where it was stopped.',
    '',
    'Prints the figures of each task and of all lines; with --json {line, image, prefix, expected, suffix, scores} a line,',
    'and last {summary: {model, adapter, weights, lines, metrics}}. Exit code 1 where a line could not be evaluated.',
    '',
    '--against runs the same lines with a second model or adapter, and says what got better and what worse.',
  ],
  options: [
    'model',
    'adapter',
    'against',
    'metric',
    'limit',
    'report',
    'device',
    'gpu-layers',
    'weights',
    'attention',
    'max-new-tokens',
    'no-cache',
    'json',
  ],
  async run(context) {
    const [file, ...others] = context.positionals;
    if (file === undefined || file === '') throw new UsageError('evaluate needs the file of a data set.');
    if (others.length > 0) throw new UsageError(`evaluate takes one file, not also "${others.join(' ')}".`);
    const { against, report, metric, limit } = context.values;
    if (against === '') throw new UsageError('--against needs a model or an adapter.');
    if (report === '') throw new UsageError('--report needs a folder.');
    const wish = {
      file: placeOf(file).path,
      options: readRunOptions({ ...context.values, 'no-text-layer': true }),
      against,
      metric: readMetric(metric),
      limit: readCount('limit', limit),
      reportPath: report === undefined ? undefined : path.resolve(report),
    };
    // Loaded here, so that help and mistakes are answered without it.
    const { runEvaluation } = await import('./runEvaluation');
    return runEvaluation(context, wish);
  },
};

/** @throws UsageError */
function readMetric(name: string | undefined): MetricName | undefined {
  if (name === undefined || name === 'auto') return undefined;
  if (isMetricName(name)) return name;
  const near = nearest(name, evaluationMetrics, 4);
  const sorted = [...(near === undefined ? [] : [near]), ...evaluationMetrics.filter(other => other !== near)];
  throw new UsageError(`--metric takes auto or one of ${sorted.join(', ')}, not "${name}".`);
}
