/** The commands that the manifest contributes: the one list of their ids. */

export const commandIds = {
  captionImage: 'paligemma.captionImage',
  describeImage: 'paligemma.describeImage',
  readText: 'paligemma.readText',
  detectObjects: 'paligemma.detectObjects',
  segmentObjects: 'paligemma.segmentObjects',
  askQuestion: 'paligemma.askQuestion',
  ocrToEditor: 'paligemma.ocrToEditor',
  resumeBatch: 'paligemma.resumeBatch',
  tune: 'paligemma.tune',
  showResults: 'paligemma.showResults',
  chooseModel: 'paligemma.chooseModel',
  addModelFolder: 'paligemma.addModelFolder',
  downloadModel: 'paligemma.downloadModel',
  removeModel: 'paligemma.removeModel',
  verifyModel: 'paligemma.verifyModel',
  showModelCard: 'paligemma.showModelCard',
  useServer: 'paligemma.useServer',
  removeServer: 'paligemma.removeServer',
  forgetServerKey: 'paligemma.forgetServerKey',
  setHubToken: 'paligemma.setHubToken',
  forgetHubToken: 'paligemma.forgetHubToken',
  unloadModel: 'paligemma.unloadModel',
  showStatus: 'paligemma.showStatus',
  showLog: 'paligemma.showLog',
  useMusicEngraver: 'paligemma.useMusicEngraver',
  reportProblem: 'paligemma.reportProblem',
  openWalkthrough: 'paligemma.openWalkthrough',
  altTextInSample: 'paligemma.altTextInSample',
  captionSample: 'paligemma.captionSample',
  captionSamples: 'paligemma.captionSamples',
  detectInSample: 'paligemma.detectInSample',
  newPromptFile: 'paligemma.newPromptFile',
  openSamplePrompts: 'paligemma.openSamplePrompts',
  writeMissingAltText: 'paligemma.writeMissingAltText',
  writeMissingAltTextInWorkspace: 'paligemma.writeMissingAltTextInWorkspace',
  acceptCaption: 'paligemma.acceptCaption',
  runOnImage: 'paligemma.runOnImage',
  runSelection: 'paligemma.runSelection',
  zoomToRegion: 'paligemma.zoomToRegion',
  copyRegion: 'paligemma.copyRegion',
  copyRegionLabel: 'paligemma.copyRegionLabel',
  readRegion: 'paligemma.readRegion',
  hideRegion: 'paligemma.hideRegion',
  showOnlyLabel: 'paligemma.showOnlyLabel',
  showAllRegions: 'paligemma.showAllRegions',
  exportRegions: 'paligemma.exportRegions',
} as const;

export type CommandName = keyof typeof commandIds;

/** Commands that run a model on pictures: they need a trusted workspace, and stand in the menus of pictures. */
export const runCommands = [
  'captionImage',
  'describeImage',
  'readText',
  'detectObjects',
  'segmentObjects',
  'askQuestion',
] as const satisfies readonly CommandName[];

export type RunCommandName = (typeof runCommands)[number];
