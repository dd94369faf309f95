/** The message loop of the image view. Data comes by message only, after `ready`. */
import type { FromViewer, ToViewer, ViewState } from '../../client/src/contract/viewer';
import { AnswerPanel } from './answerPanel';
import { element } from './dom';
import { RegionList } from './regionList';
import { Stage } from './stage';

/** What the editor gives to the pages of extensions. */
declare function acquireVsCodeApi(): { postMessage(message: FromViewer): void; setState(state: ViewState): void };

const vscode = acquireVsCodeApi();
const post = (message: FromViewer) => vscode.postMessage(message);
const regions = new RegionList(choose);
const stage = new Stage(choose);
const answer = new AnswerPanel(regions.element, post);
document.body.append(element('main', {}, [stage.element, answer.element]));

function choose(index: number | undefined): void {
  select(index);
  if (index !== undefined) post({ type: 'didSelect', index });
}

function select(index: number | undefined): void {
  stage.select(index);
  regions.select(index);
}

window.addEventListener('message', (event: MessageEvent<ToViewer>) => {
  const message = event.data;
  switch (message.type) {
    case 'show':
      vscode.setState(message.view);
      stage.show(message.view, message.imageSrc, message.words);
      regions.show(message.view, message.words);
      answer.show(message.view, message.words);
      select(undefined);
      return;
    case 'progress': return answer.showText(message.statusText, message.text);
    case 'notice': return answer.showNotice(message.text);
    case 'select': return select(message.index);
    default: message satisfies never;
  }
});
post({ type: 'ready' });
