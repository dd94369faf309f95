/** What of answers is drawn outside of their pages: a kind's maker is loaded with its first answer. Free of the editor. */
import type { DataOf, KindData, KindName } from '../../../paligemma/src/kinds/kinds';
import type { Translate } from '../../../paligemma/src/translate';
import type { DrawingTools, MadeDrawing } from './madeDrawing';

/** Draws the data of one kind. What it throws becomes a note with its message. */
export type DrawingMaker<Name extends KindName> = (
  data: DataOf<Name>,
  t: Translate,
  tools: DrawingTools,
) => Promise<MadeDrawing>;

/** A kind that the page cannot draw by itself has its line here. */
const makers: { readonly [Name in KindName]?: DrawingMaker<Name> } = {
  latex: async (data, t) => (await import('./latexMarkup')).drawFormula(data, t),
  molecule: async (data, t) => (await import('./moleculeDrawing')).moleculeDrawing(data, t),
  music: async (data, t, tools) => (await import('./musicDrawing')).musicDrawing(data, t, tools.musicEngraver()),
};

/** Keeps the last drawing: it is asked for with every state of the view. */
export class AnswerDrawings {
  private of: KindData | undefined;
  private made: MadeDrawing | undefined;

  constructor(
    private readonly onMade: () => void,
    private readonly t: Translate,
    private readonly tools: DrawingTools,
  ) {}

  /** @returns Undefined where nothing has to be drawn, or not yet: `onMade` tells. */
  get(shown: KindData): MadeDrawing | undefined {
    if (this.of !== shown) {
      this.of = shown;
      this.made = undefined;
      void this.make(shown);
    }
    return this.made;
  }

  /** What it was drawn with is another by now. */
  forget(): void {
    this.of = undefined;
  }

  private async make(shown: KindData): Promise<void> {
    const maker = makers[shown.kind] as DrawingMaker<never> | undefined;
    if (maker === undefined) return;
    let made: MadeDrawing;
    try {
      made = await maker(shown.data as never, this.t, this.tools);
    } catch (error) {
      made = { notes: [error instanceof Error ? error.message : String(error)] };
    }
    if (this.of !== shown) return;
    this.made = made;
    this.onMade();
  }
}
