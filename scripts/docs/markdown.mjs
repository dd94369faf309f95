// Markdown of the generated parts.

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows Markdown; `|` is escaped here. */
export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell).join(' | ')} |`).join('\n');
}

export function code(text) {
  return `\`${text}\``;
}

/** A command link means nothing outside of the editor: its words stay. */
export function withoutCommandLinks(text) {
  return text.replace(/\[([^\]]+)\]\(command:[^)]*\)/g, '**$1**');
}

function cell(text) {
  return text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}
