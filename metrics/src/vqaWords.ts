/**
 * What VQAv2 writes for a word: digits for the numbers up to ten, and contractions with their apostrophes.
 * Source: the official evaluation (https://visualqa.org/evaluation.html), as big_vision 0127fb6 has it, its oddities
 * included: a word is found only where exactly one apostrophe is missing, and `somebody'd` loses its own.
 */
const contractions = `
ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've he's
how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock
oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd
someone'd've someone'll someone's something'd something'd've something'll that's there'd there'd've there're there's
they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's
where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've
y'all y'all'll y'all'd've you'd you'd've you'll you're you've`.trim().split(/\s+/);

const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

export const vqaWords: ReadonlyMap<string, string> = new Map([
  ...contractions.flatMap(word => withoutOneApostrophe(word).map((slip): [string, string] => [slip, word])),
  ["somebody'd", 'somebodyd'],
  ['none', '0'],
  ...numbers.map((word, value): [string, string] => [word, String(value)]),
]);

function withoutOneApostrophe(word: string): readonly string[] {
  return [...word].flatMap((letter, index) => (letter === "'" ? [word.slice(0, index) + word.slice(index + 1)] : []));
}
