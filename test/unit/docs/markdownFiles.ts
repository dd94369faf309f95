/** The Markdown files of the checkout, their links and their anchors. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Not ours, made by us, or examples whose links are meant for another place. */
const leftOut =
  /^(?:node_modules|dist|out|\.git|media\/samples-workspace|test\/fixtures\/prompts|\.vscode-test)(?:\/|$)|\/node_modules(?:\/|$)/;

export interface MarkdownFile {
  /** Relative to the root, with slashes. */
  readonly file: string;
  /** Without what stands in code. */
  readonly text: string;
}

export function markdownFiles(folder = '.'): MarkdownFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const file = path.posix.join(folder, entry.name);
    if (leftOut.test(file)) return [];
    if (entry.isDirectory()) return markdownFiles(file);
    return entry.isFile() && entry.name.endsWith('.md')
      ? [{ file, text: withoutCode(readFileSync(file, 'utf8')) }]
      : [];
  });
}

export interface Link {
  readonly place: string;
  readonly anchor: string | undefined;
}

/**
 * Targets of links and pictures that are no addresses. `place`: relative to the root; the file itself where only an
 * anchor is named.
 */
export function relativeLinks({ file, text }: MarkdownFile): Link[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target).filter(target =>
    !/^[a-z][a-z\d+.-]*:/i.test(target)
  );
  return targets.map(target => {
    const [place = '', anchor] = target.split('#');
    return {
      place: place === ''
        ? file
        : path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURIComponent(place))).replace(/\/$/, ''),
      anchor,
    };
  });
}

/** As GitHub and VS Code make them of headings. */
export function anchorsOf({ text }: MarkdownFile): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let number = 1; anchors.has(anchor); number++) anchor = `${plain}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Fenced blocks become empty, and spans of code their bare words: headings may hold some. */
function withoutCode(text: string): string {
  return text.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\2 *$/gm, '').replace(
    /`([^`\n]+)`/g,
    (_, code: string) => code.replace(/[[\]()]/g, ''),
  );
}
