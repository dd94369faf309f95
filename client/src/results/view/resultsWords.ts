/** The sentences of a results view. Free of the editor. */
import path from 'node:path';
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import type { RowOrder, StateFilter } from '../../../../paligemma/src/results/shownRows';
import { servedName } from '../../../../paligemma/src/serverNames';
import type { Translate } from '../../../../paligemma/src/translate';
import type { ResultsWords } from '../../contract/results';

export function resultsWords(t: Translate): ResultsWords {
  return {
    ...filterWords(t),
    ...tableWords(t),
    retry: t('Try Failures Again'),
    answerRest: t('Answer the Rest'),
    compare: t('Compare With…'),
    exportAs: t('Export…'),
    saveDataSet: t('Save as Data Set…'),
    otherRun: t('Other Run…'),
    actions: t('What can be done with these results'),
    help: t('Keys'),
    close: t('Close'),
    keys: keys(t),
  };
}

function filterWords(t: Translate) {
  return {
    shownCount: t('{0} of {1} pictures'),
    allCount: t('{0} pictures'),
    oneCount: t('1 picture'),
    states: stateWords(t),
    orders: orderWords(t),
    search: t('Search in names and answers'),
    state: t('Show'),
    label: t('Label'),
    anyLabel: t('any label'),
    noLabel: t('no name'),
    labelCount: t('{0} ({1})'),
    confidence: t('Confidence'),
    anyConfidence: t('any confidence'),
    below: t('below {0} of 100'),
    order: t('Sort by'),
    descending: t('Descending'),
    layout: t('Layout'),
    grid: t('Grid'),
    table: t('Table'),
    filters: t('Filter and sort'),
    nothingShown: t('No picture matches the filter.'),
  };
}

function tableWords(t: Translate) {
  return {
    tileStates: {
      empty: t('empty answer'),
      failed: t('failed'),
      waiting: t('not answered'),
      alike: t('alike'),
      different: t('different'),
    },
    hundredths: t('{0} of 100'),
    pictures: t('Pictures with their answers'),
    picture: t('Picture'),
    name: t('Name'),
    answer: t('Answer'),
    difference: t('Difference'),
  };
}

function stateWords(t: Translate): Readonly<Record<StateFilter, string>> {
  return {
    all: t('all'),
    answered: t('answered'),
    empty: t('empty'),
    failed: t('failed'),
    waiting: t('not answered'),
    different: t('different'),
  };
}

function orderWords(t: Translate): Readonly<Record<RowOrder, string>> {
  return {
    given: t('order of the run'),
    name: t('name'),
    text: t('answer'),
    regions: t('number of regions'),
    confidence: t('confidence'),
    state: t('state'),
    difference: t('difference'),
  };
}

function keys(t: Translate): ResultsWords['keys'] {
  return [
    [t('Arrow keys'), t('go from picture to picture')],
    [t('Page Up, Page Down'), t('go by a screen')],
    [t('Home, End'), t('go to the first or last of a row; with Ctrl, of all')],
    [t('Enter'), t('opens the picture with its answer')],
    [t('Shift+Enter'), t('opens it with the other answer, where two runs are compared')],
    ['/', t('search')],
    ['Esc', t('goes back from the search to the pictures')],
    ['G', t('grid')],
    ['T', t('table')],
    ['R', t('try failures again')],
    ['C', t('compare with another run')],
    ['E', t('export what is shown')],
    ['S', t('save what is shown as a data set')],
    ['?', t('this list')],
  ];
}

/** What a run is told apart by: its prompt, its model and its adapter. */
export function setName(set: ResultSet, t: Translate): string {
  return [promptOf(set, t), modelOf(set), adapterOf(set, t)].filter(part => part !== undefined && part !== '')
    .join(' · ');
}

/** What tells two runs apart: their prompts, models, adapters; where nothing does, their numbers. */
export function sideNames(one: ResultSet, other: ResultSet, t: Translate): readonly [one: string, other: string] {
  const parts = [promptOf, askedModel, adapterOf].filter(part => part(one, t) !== part(other, t));
  const nameOf = (set: ResultSet) => parts.map(part => part(set, t)).filter(part => part !== '').join(' · ');
  const names = [nameOf(one), nameOf(other)] as const;
  if (parts.length > 0 && names[0] !== '' && names[1] !== '') return names;
  const [whole, otherWhole] = [setName(one, t), setName(other, t)];
  return whole === otherWhole ? [`${whole} (1)`, `${otherWhole} (2)`] : [whole, otherWhole];
}

function promptOf({ order: { prompt } }: ResultSet, t: Translate): string {
  return prompt || t('(empty prompt)');
}

/** As it was asked for: before the first answer of a run nobody knows which model the settings mean. */
function askedModel({ order: { choices: { model = '' } } }: ResultSet): string {
  return servedName(model);
}

function adapterOf({ order: { choices: { adapter } } }: ResultSet, t: Translate): string {
  return adapter === undefined ? '' : t('adapter {0}', path.basename(adapter));
}

/** The model that answered, or that is to answer; undefined where neither is known. */
export function modelOf(set: ResultSet): string | undefined {
  const model = set.answeredBy ?? set.order.choices.model;
  return model === undefined || model === '' ? undefined : servedName(model);
}
