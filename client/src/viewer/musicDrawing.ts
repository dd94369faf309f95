/** Music as it is printed, where the person has an engraver; with the files that it makes. Free of the editor. */
import { engraveMusic } from '../../../drawings/src/music/engraveMusic';
import type { MusicAnswer } from '../../../paligemma/src/kinds/music';
import type { Translate } from '../../../paligemma/src/translate';
import type { MadeDrawing } from './madeDrawing';

/** Longer music is shown in columns only: it takes minutes to engrave. */
const MOST_LINES = 2000;

/** @param folder Of the npm package `verovio`; empty: nothing is engraved. */
export async function musicDrawing(
  { kern, lines, hasColumns }: MusicAnswer,
  t: Translate,
  folder: string,
  engrave: typeof engraveMusic = engraveMusic,
): Promise<MadeDrawing> {
  // A field that is missing takes the engraver down; the faults say it already.
  if (folder === '' || !hasColumns) return {};
  if (lines.length > MOST_LINES) {
    return { notes: [t('The music has {0} lines; at most {1} are engraved.', lines.length, MOST_LINES)] };
  }
  const outcome = await engrave(kern, folder);
  if ('refused' in outcome) return { notes: [t('The music cannot be engraved: {0}', outcome.refused)] };
  if ('failed' in outcome) {
    return {
      notes: [
        outcome.failed === 'noEngraver'
          ? t(
            'The music is not engraved: {0} is not the folder of the npm package verovio. Correct the setting paligemma.musicEngraver.',
            folder,
          )
          : t('The music was not engraved: the engraver gave up, or took too much work.'),
      ],
    };
  }
  const { svg, pages, mei, midi } = outcome.engraving;
  return {
    picture: { src: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`, alt: t('Engraved music') },
    ...(pages > 1 ? { notes: [t('Only the first page of {0} is engraved here.', pages)] } : {}),
    forms: [
      { name: 'mei', title: 'MEI', ending: '.mei', write: () => mei },
      { name: 'midi', title: 'MIDI', ending: '.mid', bytes: () => Buffer.from(midi, 'base64') },
      { name: 'svg', title: t('Drawing (SVG)'), ending: '.svg', write: () => svg },
    ],
  };
}
