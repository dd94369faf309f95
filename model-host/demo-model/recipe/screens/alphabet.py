"""The characters that the model can read, and which of the material is kept out of training.

Only Python's own library is used here, so that texts can be made and tested without anything installed.
"""
import zlib

ASCII = ''.join(map(chr, range(33, 127)))
LATIN_1 = '¡¢£¥§©«®°±²³µ·»¼½¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ'
EXTENDED = 'ĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž'
SIGNS = '–—‘’‚“”„†•…‰‹›€™←↑→↓≈≠≤≥│─┌┐└┘├┤█▸▾✓✗★λπ'
SPACE = ' '

CHARACTERS = SPACE + ASCII + LATIN_1 + EXTENDED + SIGNS
"""Every character that occurs in a printed text, each a token of its own. The order decides ids: append only."""
INDEX = {character: i for i, character in enumerate(CHARACTERS)}


def is_held_out(name):
    """Whether a word, a number, a font family or a template is one of the tenth that training never shows."""
    return zlib.crc32(name.encode()) % 10 == 0


PRINTED, PRINTED_END = '\ue000', '\ue001'


def printed(text):
    """Marks, within an answer, what is printed on the picture: it is answered character by character (`make_tokenizer.answer_ids`)."""
    return PRINTED + text + PRINTED_END


def unmarked(answer):
    """The answer as the model gives it."""
    return answer.replace(PRINTED, '').replace(PRINTED_END, '')
