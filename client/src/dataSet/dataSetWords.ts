/** The sentences of a data set's page. Free of the editor. */
import type { Translate } from '../../../paligemma/src/translate';
import type { DataSetWords, GridWords, LineWords } from '../contract/dataSet';

export function dataSetWords(t: Translate): DataSetWords {
  return { grid: gridWords(t), line: lineWords(t), help: t('Keys'), close: t('Close'), keys: keys(t) };
}

function gridWords(t: Translate): GridWords {
  return {
    ...choiceWords(t),
    shownCount: t('{0} of {1} lines'),
    allCount: t('{0} lines'),
    oneCount: t('1 line'),
    looking: t('looking for what is wrong…'),
    search: t('Search in pictures, prompts and answers'),
    order: t('Sort by'),
    descending: t('Descending'),
    filters: t('Filter and sort'),
    lines: t('Lines of the data set'),
    lineNumber: t('line {0}'),
    draft: t('draft'),
    noLine: t('no line of a data set'),
    emptyAnswer: t('empty answer'),
    findingCount: t('{0} findings'),
    oneFinding: t('1 finding'),
    wrong: t('answered wrongly: {0}% right'),
    right: t('answered rightly'),
    modelAnswer: t('the model:'),
    nothingShown: t('No line matches the filter.'),
    nextDraft: t('Next Draft'),
  };
}

function choiceWords(t: Translate) {
  return {
    states: {
      all: t('all'),
      draft: t('drafts to review'),
      finding: t('with findings'),
      empty: t('without an answer'),
      wrong: t('answered wrongly'),
    },
    orders: {
      line: t('line'),
      picture: t('picture'),
      regions: t('number of boxes'),
      findings: t('number of findings'),
      rightness: t('rightness of the model’s answer'),
    },
    state: t('Show'),
    label: t('Label'),
    anyLabel: t('any label'),
    noLabel: t('no name'),
    folder: t('Folder'),
    anyFolder: t('any folder'),
    noFolder: t('beside the file'),
    finding: t('Finding'),
    anyFinding: t('any finding'),
    choiceCount: t('{0} ({1})'),
  };
}

function lineWords(t: Translate): LineWords {
  return {
    ...boxWords(t),
    back: t('All Lines'),
    previous: t('Previous line'),
    next: t('Next line'),
    nextDraft: t('Next Draft'),
    showText: t('Show in Text'),
    place: t('{0} of {1}'),
    draft: t('Draft: a model wrote this answer, and nobody has reviewed it yet.'),
    accept: t('Accept'),
    reject: t('Delete Line'),
    prompt: t('Prompt'),
    answer: t('Answer'),
    modelAnswer: t('Answer of the Model'),
    findings: t('Findings'),
    picture: t('Picture'),
    pictureHelp: t('Plus and minus zoom, the arrow keys move the picture or the chosen box, A adds a box.'),
    pictureOf: t('Picture {0} of {1}'),
    zoomIn: t('Zoom in'),
    zoomOut: t('Zoom out'),
    fit: t('Fit'),
    noLine: t('This is no line of a data set. Correct it in the text.'),
    keepMine: t('Write What I Typed'),
    takeFile: t('Take What the File Says'),
  };
}

function boxWords(t: Translate) {
  return {
    boxes: t('Boxes'),
    boxesHelp: t('Arrow keys move a box by a bin, with Shift its lower right corner, with Ctrl by sixteen bins.'),
    noBoxes: t('No boxes'),
    noLabel: t('no name'),
    mask: t('with mask'),
    draw: t('Draw a Box'),
    duplicate: t('Duplicate'),
    remove: t('Delete Box'),
    labelField: t('Name of the box'),
    tools: t('Tools of the picture'),
    boxAt: t('{0}: from {1}, {2} to {3}, {4}'),
    boxDeleted: t('{0} was deleted.'),
    boxAdded: t('A box was added.'),
  };
}

function keys(t: Translate): DataSetWords['keys'] {
  return [
    [t('Arrow keys, Page Up, Page Down, Home, End'), t('go through the lines')],
    [t('Enter'), t('opens the line')],
    ['Esc', t('lets go of the box, then goes back to all lines')],
    ['/', t('search')],
    [t('Page Up, Page Down'), t('previous and next line, where one is open')],
    ['U', t('next draft that nobody has reviewed')],
    ['Y', t('accepts the draft')],
    ['N, P', t('next and previous box')],
    [t('Arrow keys'), t('move the chosen box by a bin; with Ctrl by sixteen')],
    [t('Shift+Arrow keys'), t('resize it')],
    ['A', t('adds a box in the centre')],
    ['B', t('the next drag draws a box')],
    ['D', t('duplicates the box')],
    ['F2', t('renames the box')],
    [t('Delete'), t('deletes the box')],
    ['+, -, 0', t('zoom in, zoom out, fit')],
    ['T', t('shows the line in the text')],
    ['?', t('this list')],
  ];
}
