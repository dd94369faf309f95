/** One line of a data set, large: its picture with the boxes, its prompt, its answer, and what is wrong with it. */
import type { DataSetWords, FromDataSet, LargePicture, LineMasks, OpenLine } from '../../client/src/contract/dataSet';
import { centreBins, movedBins, resizedBins, type BinShift } from '../../datasets/src/edits/boxBins';
import type { LineChange } from '../../datasets/src/edits/lineEdits';
import type { LocBins } from '../../paligemma/src/locTokens';
import { objectsOf } from '../../paligemma/src/prompts';
import { parseSuffix } from '../../paligemma/src/suffix';
import { tameLines } from '../../paligemma/src/plainText';
import { element, filled, setText } from '../dom/dom';
import { Board, type BoardBox } from './board';
import { BoxList, placeText } from './boxList';
import { BoxTools, type ToolName } from './boxTools';
import { ChangeQueue, type SentChange } from './changeQueue';
import { LineHead, type LineAction } from './lineHead';
import { judgementText } from './lineTile';
import { TextField } from './textField';

const PAN_STEP = 48;
/** Bins of an arrow key with Ctrl. */
const FAR = 16;

export interface LineEvents {
  post(message: FromDataSet): void;
  /** Back to all lines. */
  leave(): void;
  say(text: string): void;
}

export class LineView {
  readonly element: HTMLElement;
  private readonly board = new Board({
    select: box => this.select(box),
    change: (box, bins) => this.setBins(box, bins),
    draw: bins => bins === undefined ? this.showTools() : this.addBox(bins),
  });
  private readonly head = new LineHead(action => this.act(action));
  private readonly tools = new BoxTools(
    name => this.useTool(name),
    label => this.rename(label),
    () => this.board.element.focus(),
  );
  private readonly list = new BoxList(index => this.select(index));
  private readonly prompt = new TextField(
    'prompt-field',
    2,
    value => this.change({ kind: 'text', field: 'prefix', value }),
  );
  private readonly answer = new TextField(
    'answer-field',
    5,
    value => this.change({ kind: 'text', field: 'suffix', value }),
  );
  private readonly judged = element('div', { class: 'judged', id: 'judged' });
  private readonly findings = element('ul', { class: 'findings', id: 'findings' });
  private readonly noLine = element('p', { class: 'no-line' });
  private readonly conflict = element('div', { class: 'conflict', id: 'conflict', role: 'alert' });
  private readonly pictures = element('div', { class: 'picture-choice' });
  private readonly queue = new ChangeQueue(sent => this.send(sent));
  /** Which of the line's pictures is wanted. */
  private image = 0;
  /** Leaves the line once its changes are in the text. */
  private leaving: LineAction | undefined;
  private readonly sent = new Map<number, LineChange | 'reject'>();
  private line: OpenLine | undefined;
  private boxes: readonly BoardBox[] = [];
  private selected: number | undefined;
  /** What is to be chosen when the line has come back from a change. */
  private wanted: number | undefined;
  /** Of the picture that is shown, pixels. */
  private size: Pick<LargePicture, 'widthPx' | 'heightPx'> = { widthPx: 0, heightPx: 0 };
  /** What the line said when its masks were asked for. */
  private askedRevision: number | undefined;
  private lastLabel: string | undefined;
  private words: DataSetWords | undefined;
  private isWritable = true;
  private shown = 0;

  constructor(private readonly on: LineEvents) {
    this.element = element('main', { class: 'line-view', id: 'line-view', hidden: '' }, [
      this.head.element,
      element('div', { class: 'work' }, [
        element('div', { class: 'stage-side' }, [this.tools.element, this.pictures, this.board.element]),
        element('div', { class: 'panel' }, [
          this.noLine,
          this.conflict,
          this.prompt.element,
          this.answer.element,
          this.judged,
          this.list.element,
          this.findings,
        ]),
      ]),
    ]);
    this.conflict.hidden = true;
  }

  get id(): number | undefined {
    return this.line?.id;
  }

  name(words: DataSetWords, isWritable: boolean): void {
    this.words = words;
    this.isWritable = isWritable;
    this.head.name(words.line);
    this.tools.name(words.line);
    this.board.name(words.line);
    this.prompt.name(words.line.prompt);
    this.answer.name(words.line.answer);
  }

  /** @param shown How many lines the list has. */
  show(line: OpenLine, shown: number): void {
    const isOther = line.id !== this.line?.id;
    const before = this.line?.images.join('\n');
    [this.line, this.shown] = [line, shown];
    if (isOther) this.begin(line);
    else if (before !== line.images.join('\n')) this.showPictures(line);
    this.showHead();
    if (!this.queue.isBusy) this.showContent();
  }

  showPicture(picture: LargePicture): void {
    // One that was asked for before another may come behind it.
    if (picture.index !== this.line?.id || picture.image !== this.image) return;
    this.board.showPicture(picture);
    this.size = picture;
    this.askMasks();
  }

  /** Those of what the line said before are of no use: others have been asked for. */
  showMasks(id: number, masks: LineMasks): void {
    const { line } = this;
    if (line === undefined || line.id !== id || line.revision !== masks.revision) return;
    void this.board.showMasks(masks, parseSuffix(line.suffix).boxes.map(({ bins }) => bins));
    this.list.showNote(masks.problem ?? '');
  }

  /** @param notice Why the change was not made. */
  answered(change: number, notice: string | undefined): void {
    const what = this.sent.get(change);
    this.sent.delete(change);
    this.queue.answered(change, notice === undefined);
    if (notice !== undefined) {
      this.on.say(notice);
      this.wanted = undefined;
      if (what !== undefined && what !== 'reject' && what.kind === 'text') this.refuse(what, notice);
    }
    if (this.queue.isBusy) return;
    this.showContent();
    const { leaving } = this;
    this.leaving = undefined;
    if (leaving !== undefined && notice === undefined) this.act(leaving);
  }

  close(): void {
    this.flush();
    this.line = undefined;
    this.element.hidden = true;
  }

  /** Hands over what was typed. */
  flush(): void {
    this.prompt.flush();
    this.answer.flush();
  }

  /** False where something that was typed waits for a decision. */
  mayLeave(): boolean {
    this.flush();
    if (!this.prompt.isKept && !this.answer.isKept) return true;
    this.conflict.querySelector('button')?.focus();
    return false;
  }

  focus(): void {
    this.board.element.focus();
  }

  /** @returns Whether the key meant something here. */
  onKey(event: KeyboardEvent): boolean {
    if (this.onArrow(event)) return true;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const does = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (does === undefined) return false;
    this.does[does]();
    return true;
  }

  private readonly does: Readonly<Record<LineKey, () => void>> = {
    escape: () => this.escape(),
    next: () => this.act('next'),
    previous: () => this.act('previous'),
    nextDraft: () => this.act('nextDraft'),
    accept: () => this.act('accept'),
    showText: () => this.act('showText'),
    nextBox: () => this.stepBox(1),
    previousBox: () => this.stepBox(-1),
    add: () => this.addBox(centreBins),
    draw: () => this.useTool('draw'),
    duplicate: () => this.useTool('duplicate'),
    remove: () => this.useTool('remove'),
    rename: () => this.selected === undefined ? undefined : this.tools.rename(),
    zoomIn: () => this.board.zoomBy(1),
    zoomOut: () => this.board.zoomBy(-1),
    fit: () => this.board.fit(),
  };

  private begin(line: OpenLine): void {
    this.board.clear();
    this.size = { widthPx: 0, heightPx: 0 };
    this.askedRevision = undefined;
    this.list.showNote('');
    [this.selected, this.wanted, this.leaving] = [undefined, undefined, undefined];
    // What was being typed was meant for the line of before, which is gone.
    for (const field of [this.prompt, this.answer]) field.decide(false);
    this.conflict.hidden = true;
    this.on.say('');
    this.element.hidden = false;
    this.showPictures(line);
  }

  /** The first one, and a button for each where there are several. */
  private showPictures(line: OpenLine): void {
    this.askPicture(0);
    this.pictures.replaceChildren();
    const { words } = this;
    if (line.images.length < 2 || words === undefined) return;
    this.pictures.append(...line.images.map((name, image) => {
      const button = element('button', { type: 'button', title: name, 'aria-pressed': String(image === 0) }, [
        filled(words.line.pictureOf, image + 1, line.images.length),
      ]);
      button.addEventListener('click', () => {
        for (const other of this.pictures.children) other.setAttribute('aria-pressed', String(other === button));
        this.askPicture(image);
      });
      return button;
    }));
  }

  private askPicture(image: number): void {
    this.image = image;
    if (this.line !== undefined) this.on.post({ type: 'large', id: this.line.id, image });
  }

  /** Once for what the line says, when the picture has come. */
  private askMasks(): void {
    const { line, size: { widthPx, heightPx } } = this;
    if (line === undefined || widthPx === 0 || heightPx === 0 || this.askedRevision === line.revision) return;
    this.askedRevision = line.revision;
    if (this.boxes.some(({ hasMask }) => hasMask)) {
      return this.on.post({ type: 'masks', id: line.id, widthPx, heightPx });
    }
    this.board.forgetMasks();
    this.list.showNote('');
  }

  private showHead(): void {
    const { line, words } = this;
    if (line === undefined || words === undefined) return;
    this.head.show(line, this.shown, words.grid.lineNumber, words.line, this.isWritable);
    setText(this.noLine, line.isLine ? '' : `${words.line.noLine}\n${tameLines(line.text ?? '')}`);
    this.showJudgement(line, words);
    this.findings.replaceChildren(
      ...line.findings.map(({ severity, message }) =>
        element('li', { class: `finding-${severity}`, dir: 'auto' }, [tameLines(message)])
      ),
    );
    this.findings.setAttribute('aria-label', words.line.findings);
    this.findings.hidden = line.findings.length === 0;
  }

  /** The answer of the model, below the expected one. */
  private showJudgement({ judgement }: OpenLine, { line, grid }: DataSetWords): void {
    this.judged.hidden = judgement === undefined;
    if (judgement === undefined) return;
    const { answer } = judgement;
    this.judged.replaceChildren(
      element('h2', {}, [line.modelAnswer]),
      element('p', { class: 'model-answer', dir: 'auto' }, [answer === '' ? grid.emptyAnswer : tameLines(answer)]),
      element('p', { class: 'mark' }, [judgementText(judgement, grid)]),
    );
  }

  /** As the file says it: whatever was shown ahead of it is over. */
  private showContent(): void {
    const { line, words } = this;
    if (line === undefined || words === undefined) return;
    const isWritable = this.isWritable && line.isLine;
    this.prompt.show(line.prefix, isWritable);
    this.answer.show(line.suffix, isWritable);
    const before = this.boxes;
    this.boxes = parseSuffix(line.suffix).boxes.map(({ bins, label, codes }) => ({
      bins,
      label,
      hasMask: codes !== undefined,
    }));
    if (this.wanted !== undefined) this.selected = this.wanted;
    this.wanted = undefined;
    if (this.selected !== undefined && this.selected >= this.boxes.length) {
      this.selected = this.boxes.length === 0 ? undefined : this.boxes.length - 1;
    }
    this.tools.offer(
      [...new Set([...objectsOf(line.prefix), ...this.boxes.map(({ label }) => label)])].filter(Boolean),
    );
    this.list.show(this.boxes, this.selected, words.line);
    // Shapes go with their boxes, but no longer belong to them where boxes came or went.
    if (before.length !== this.boxes.length) this.board.forgetMasks();
    this.board.showBoxes(this.boxes, this.selected);
    this.askMasks();
    this.showTools();
  }

  private showTools(): void {
    const chosen = this.selected === undefined ? undefined : this.boxes[this.selected];
    this.tools.show(chosen?.label, this.board.isDrawingOn, this.isWritable && this.line?.isLine === true);
  }

  private select(index: number | undefined): void {
    this.selected = index;
    this.board.select(index);
    this.list.select(index);
    if (index !== undefined) this.board.reveal(index);
    this.showTools();
    this.sayBox();
  }

  private sayBox(): void {
    const box = this.selected === undefined ? undefined : this.boxes[this.selected];
    if (box !== undefined && this.words !== undefined) this.on.say(placeText(box, this.words.line));
  }

  private stepBox(by: number): void {
    const count = this.boxes.length;
    if (count === 0) return;
    const from = this.selected ?? (by > 0 ? -1 : 0);
    this.select((from + by + count) % count);
  }

  private escape(): void {
    if (this.board.isDrawingOn) this.board.setDrawing(false);
    else if (this.selected !== undefined) this.select(undefined);
    else this.act('back');
    this.showTools();
  }

  private onArrow(event: KeyboardEvent): boolean {
    const way = arrows[event.key];
    if (way === undefined || event.metaKey || event.altKey) return false;
    const box = this.selected === undefined ? undefined : this.boxes[this.selected];
    if (this.selected === undefined || box === undefined) {
      this.board.pan({ x: -way.x * PAN_STEP, y: -way.y * PAN_STEP });
      return true;
    }
    const step = event.ctrlKey ? FAR : 1;
    const by = { x: way.x * step, y: way.y * step };
    this.setBins(this.selected, event.shiftKey ? resizedBins(box.bins, 'se', by) : movedBins(box.bins, by));
    this.sayBox();
    return true;
  }

  /** Shown at once, before the file says so. */
  private setBins(box: number, bins: LocBins): void {
    const { words } = this;
    if (!this.isWritable || words === undefined) return;
    this.boxes = this.boxes.map((each, at) => at === box ? { ...each, bins } : each);
    this.board.showBoxes(this.boxes, this.selected);
    this.change({ kind: 'bins', box, bins });
  }

  private addBox(bins: LocBins): void {
    const { line } = this;
    if (line === undefined || !line.isLine || !this.isWritable) return;
    const chosen = this.selected === undefined ? undefined : this.boxes[this.selected]?.label;
    const label = chosen ?? likelyLabel(objectsOf(line.prefix), this.lastLabel);
    this.wanted = this.boxes.length;
    this.change({ kind: 'add', bins, label });
    this.showTools();
    this.on.say(this.words?.line.boxAdded ?? '');
    this.board.element.focus();
  }

  private rename(label: string): void {
    if (this.selected === undefined) return;
    this.lastLabel = label;
    this.change({ kind: 'label', box: this.selected, label });
  }

  private useTool(name: ToolName): void {
    const box = this.selected;
    switch (name) {
      case 'draw':
        this.board.setDrawing(!this.board.isDrawingOn && this.isWritable);
        return this.showTools();
      case 'zoomIn':
      case 'zoomOut':
        return this.board.zoomBy(name === 'zoomIn' ? 1 : -1);
      case 'fit':
        return this.board.fit();
      case 'duplicate':
        if (box === undefined) return;
        this.wanted = box + 1;
        return this.change({ kind: 'duplicate', box });
      case 'remove':
        if (box === undefined) return;
        this.on.say(filled(this.words?.line.boxDeleted ?? '', this.boxes[box]?.label ?? ''));
        return this.change({ kind: 'delete', box });
    }
  }

  private act(action: LineAction): void {
    const { line } = this;
    if (line === undefined || !this.mayLeave()) return;
    const steps = { previous: 'previous', next: 'next', nextDraft: 'draft' } as const;
    const isLeaving = action === 'back' || action in steps;
    if (isLeaving && this.queue.isBusy) {
      this.leaving = action;
      return;
    }
    switch (action) {
      case 'back':
        return this.on.leave();
      case 'previous':
      case 'next':
      case 'nextDraft':
        return this.on.post({ type: 'step', id: line.id, to: steps[action] });
      case 'showText':
        return this.on.post({ type: 'showText', id: line.id });
      case 'accept':
        return line.isDraft ? this.change({ kind: 'accept' }) : undefined;
      case 'reject':
        return this.change('reject');
    }
  }

  private change(what: LineChange | 'reject'): void {
    if (this.line !== undefined && this.isWritable) this.queue.add(this.line.id, what);
  }

  private send({ change, line: meant, what }: SentChange): boolean {
    if (this.line?.id !== meant) return false;
    this.sent.set(change, what);
    const { id, revision } = this.line;
    this.on.post(
      what === 'reject'
        ? { type: 'reject', id, revision, change }
        : { type: 'change', id, revision, change, what },
    );
    return true;
  }

  /** What was typed is never lost to what came from elsewhere: the person says which of both is right. */
  private refuse({ field, value }: Extract<LineChange, { readonly kind: 'text' }>, notice: string): void {
    const { words } = this;
    if (words === undefined) return;
    const input = field === 'prefix' ? this.prompt : this.answer;
    input.keep(value);
    const button = (name: string, isMine: boolean) => {
      const node = element('button', { type: 'button' }, [name]);
      node.addEventListener('click', () => {
        this.conflict.hidden = true;
        input.decide(isMine);
        this.showContent();
      });
      return node;
    };
    this.conflict.replaceChildren(
      element('p', {}, [notice]),
      button(words.line.keepMine, true),
      button(words.line.takeFile, false),
    );
    this.conflict.hidden = false;
  }
}

const arrows: Readonly<Record<string, BinShift>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

type LineKey =
  | 'escape'
  | 'next'
  | 'previous'
  | 'nextDraft'
  | 'accept'
  | 'showText'
  | 'nextBox'
  | 'previousBox'
  | 'add'
  | 'draw'
  | 'duplicate'
  | 'remove'
  | 'rename'
  | 'zoomIn'
  | 'zoomOut'
  | 'fit';

const keys: Readonly<Record<string, LineKey>> = {
  Escape: 'escape',
  PageDown: 'next',
  PageUp: 'previous',
  '.': 'next',
  ',': 'previous',
  u: 'nextDraft',
  y: 'accept',
  t: 'showText',
  n: 'nextBox',
  p: 'previousBox',
  a: 'add',
  b: 'draw',
  d: 'duplicate',
  Delete: 'remove',
  Backspace: 'remove',
  F2: 'rename',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  '0': 'fit',
};

/** The name that was given last, unless the prompt asks for others. */
function likelyLabel(asked: readonly string[], last: string | undefined): string {
  const [first] = asked;
  if (first === undefined) return last ?? '';
  return last !== undefined && asked.includes(last) ? last : first;
}
