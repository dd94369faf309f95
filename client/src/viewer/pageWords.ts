/** The words of an image view that are the same in every state. Free of the editor. */
import { decimal } from '../../../paligemma/src/words';
import type { Translate } from '../../../paligemma/src/translate';
import type { KeyWords, PageWords } from '../contract/viewer';

export function pageWords(t: Translate): PageWords {
  return {
    answer: t('Answer'),
    answerRegion: t('Prompt and answer'),
    rawAnswer: t('Raw answer'),
    details: t('Details'),
    showAs: t('Show as'),
    faults: t('What is not as it should be'),
    cellHelp: t('Arrow keys move between the cells; the place of the cell is shown in the picture.'),
    ...kindWords(t),
    copyAs: t('Copy As…'),
    copyText: t('Copy Text'),
    copyJson: t('Copy JSON'),
    copyCrop: t('Copy Crop'),
    copied: t('Copied'),
    cropUnavailable: t('Select a region to copy that part of the picture.'),
    exportAs: t('Export…'),
    modelCard: t('Model Card'),
    cures: { chooseModel: t('Choose Model'), openLog: t('Open Log') },
    knownAnswers: t('Known answers'),
    knownAnswersHelp: t('Arrow keys step through the answers, Enter shows one.'),
    previousPicture: t('Previous picture (Page Up)'),
    nextPicture: t('Next picture (Page Down)'),
    panelWidth: t('Width of the panel'),
    panelWidthHelp: t('Left and right arrow set the width, Enter sets it back.'),
    keys: t('Keys'),
    keyList: keyList(t),
    close: t('Close'),
    decimalMark: decimal('0.0', t).charAt(1),
    promptField: t('Prompt'),
    promptPlaceholder: t('For example: detect cup ; plate'),
    suggestions: t('Suggestions'),
    history: t('earlier'),
    label: t('label'),
    run: t('Run'),
    stop: t('Stop'),
    ...pictureWords(t),
    ...regionWords(t),
  };
}

/** Of the picture and its tools. */
function pictureWords(t: Translate) {
  return {
    pictureRegion: t('Picture'),
    pictureHelp: t(
      'Arrow keys move the picture, plus and minus zoom, 0 fits it, 1 shows it at its original size, N and P step through the regions, ? lists all keys.',
    ),
    pictureTools: t('View of the picture'),
    zoomIn: t('Zoom in'),
    zoomOut: t('Zoom out'),
    fit: t('Fit'),
    fitHelp: t('Show the whole picture (0)'),
    actualSize: t('Show the picture at its original size (1)'),
    labels: t('Labels'),
    labelsHelp: t('Show the labels of the boxes (L)'),
    masks: t('Masks'),
    masksHelp: t('How strongly masks are filled'),
    tiles: t('Parts'),
    tilesHelp: t('Show the parts in which the picture was read'),
    readRegion: t('Read Region'),
    readRegionHelp: t('Draw around what is to be read, or press Enter for the part in sight (R)'),
  };
}

/** Of answers that are drawn as what they are. */
function kindWords(t: Translate) {
  return {
    formula: t('Formula'),
    molarMass: t('Molar mass'),
    drawing: t('Drawing…'),
    staff: t('Staff {0}'),
    line: t('Line'),
    moreLines: t('Lines that are not shown here: {0}. Copy and Export have them.'),
  };
}

/** Of the list of regions. */
function regionWords(t: Translate) {
  return {
    filter: t('Filter regions'),
    noMatch: t('No region matches the filter.'),
    shownCount: t('{0} of {1} shown'),
    confidence: t('Sureness'),
    confidenceHelp: t('Hides the regions of which the model was less sure; left and right arrow change it.'),
    leastConfidence: {
      all: t('all regions'),
      unsure: t('without the least sure'),
      fairlySure: t('at least fairly sure'),
      sure: t('sure only'),
    },
    showOrHide: t('Show or hide'),
    labelGroups: t('Labels to show'),
    labelCount: t('{0} ({1})'),
    emptyLabel: t('no name'),
    regionsHelp: t('Arrow keys step through the regions, Space shows or hides one, Escape selects none.'),
  };
}

/** Every key of the page, by what it is for. */
function keyList(t: Translate): readonly KeyWords[] {
  return [
    { keys: ['N', 'P'], does: t('Next and previous region') },
    { keys: ['Esc'], does: t('Select no region') },
    { keys: [t('Space')], does: t('In the list: show or hide the region') },
    { keys: [t('Shift+F10')], does: t('Menu of the region') },
    { keys: [t('Page Down'), t('Page Up')], does: t('Next and previous picture; anywhere with . and ,') },
    { keys: ['+', '−'], does: t('Zoom in and out') },
    { keys: ['0'], does: t('Fit the picture') },
    { keys: ['1'], does: t('Picture at its original size') },
    { keys: ['←', '↑', '→', '↓'], does: t('Move the picture, or the edge of the panel') },
    { keys: ['L'], does: t('Show or hide labels') },
    { keys: ['R'], does: t('Read a region: draw around it, or Enter for the part in sight') },
    { keys: ['/'], does: t('Go to the prompt') },
    { keys: ['↑', '↓'], does: t('In the prompt: earlier prompts, suggestions') },
    { keys: [t('Enter')], does: t('In the prompt: run it') },
    { keys: ['?'], does: t('This list') },
  ];
}
