import * as l10n from '@vscode/l10n';
import { metricsWith } from '../../../metrics/src/metrics';
import { CaseFault } from '../../../metrics/src/common/caseFault';
import type { Metric, MetricValue, Scored } from '../../../metrics/src/common/metric';
import { Fields } from '../../../metrics/src/common/fields';
import { failureJson, jsonText } from '../../../paligemma/src/answers/json';
import { Failure } from '../../../paligemma/src/failures';
import { nearest } from '../language/text/fuzzy';
import { throwIfCancelled } from '../util/cancellation';
import { loadChemistry } from '../util/chemistry';
import { readMetricCases, type MetricCase } from './metricCases';
import { readTextInput } from './pictures/inputs';
import { UsageError } from './terminal/options';
import { textFailure } from './terminal/output';
import type { ExitCode, Verb, VerbContext } from './terminal/verb';

export const metrics: Verb = {
  name: 'metrics',
  usage: 'metrics NAME CASES.json',
  summary: 'the values of a metric on answers that are given, without a model',
  get details() {
    return [
      '',
      'CASES.json is a list of cases, or an object with the list as "cases"; - is standard input. A case has an "id" and:',
      '',
      ...metricsWith(loadChemistry).flatMap((
        { name, about, fields },
      ) => [`  ${name}`, `      ${about()}`, `      ${fields}`]),
      '',
      'Prints {"id", "expected"} a case, in the names of the reference program; null where that has no value.',
    ];
  },
  options: ['json'],
  async run(context) {
    const [name, file, ...others] = context.positionals;
    if (name === undefined) throw new UsageError('metrics needs the name of a metric, and a file with cases.');
    const metric = metricNamed(name);
    if (file === undefined) throw new UsageError(`metrics needs a file with cases of ${name}.`);
    if (others.length > 0) throw new UsageError(`metrics takes one file, not also "${others.join(' ')}".`);
    const { text } = await readTextInput(file, l10n.t('file of cases'), context.interrupt.token);
    return await judge(context, metric, readMetricCases(text, metric.name, file));
  },
};

/** @throws UsageError that lists the names, the nearest first. */
function metricNamed(name: string): Metric {
  const known = metricsWith(loadChemistry);
  const found = known.find(metric => metric.name === name);
  if (found !== undefined) return found;
  const names = known.map(metric => metric.name);
  const near = nearest(name, names, 4) ?? names.find(other => other.includes(name.toLowerCase()));
  const sorted = [...(near === undefined ? [] : [near]), ...names.filter(other => other !== near)];
  throw new UsageError(`There is no metric "${name}". There are ${sorted.join(', ')}.`);
}

/** A case that cannot be judged does not keep the others from it. */
async function judge(context: VerbContext, metric: Metric, cases: readonly MetricCase[]): Promise<ExitCode> {
  const { terminal, values, interrupt } = context;
  const isForPerson = values.json !== true && terminal.isReadByPerson;
  const scores: Scored[] = [];
  for (const { id, fields } of cases) {
    throwIfCancelled(interrupt.token);
    const scored = await scoreOf(metric, fields);
    if (!(scored instanceof Failure)) {
      scores.push(scored);
      await terminal.print(isForPerson ? `${id}\t${shown(scored)}` : jsonText({ id, ...scored }));
      continue;
    }
    if (values.json === true) await terminal.print(jsonText({ id, ...errorOf(scored) }));
    terminal.note(textFailure(l10n.t('case {0}', id), scored));
  }
  if (metric.summary !== undefined && scores.length > 1) {
    terminal.note(l10n.t('All {0} cases: {1}', scores.length, shown({ expected: metric.summary(scores) })));
  }
  return scores.length === cases.length ? 0 : 1;
}

/** @returns What is wrong with the case. @throws Failure where no case can be judged. */
async function scoreOf(metric: Metric, fields: unknown): Promise<Scored | Failure> {
  try {
    return await metric.score(Fields.of(fields));
  } catch (error) {
    if (error instanceof CaseFault) return new Failure('badArgument', error.message, { cause: error });
    throw error;
  }
}

function errorOf({ code, kind, message }: Failure): ReturnType<typeof failureJson> {
  return failureJson(undefined, { code, kind, message });
}

/** Names and values for a person, with as many digits as tell values apart. */
function shown({ expected, beside }: Scored): string {
  return [expected, ...(beside === undefined ? [] : [beside])].map(valueText).join('  ');
}

function valueText(value: MetricValue): string {
  if (typeof value === 'number') return String(Math.round(value * 1e4) / 1e4);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value).map(([name, inner]) => `${name} ${valueText(inner)}`).join('  ');
}
