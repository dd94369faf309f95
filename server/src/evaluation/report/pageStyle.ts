/** Style and script of a report; both stand in the page, which names their hashes. */

/** Colours of the editor where it shows the page, else those of the system. */
export const style = `
:root { color-scheme: light dark; }
body.vscode-light { color-scheme: light; } body.vscode-dark { color-scheme: dark; }
body.vscode-high-contrast { color-scheme: dark; } body.vscode-high-contrast-light { color-scheme: light; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem 1.5rem; max-width: 70rem;
  background: var(--vscode-editor-background, Canvas); color: var(--vscode-editor-foreground, CanvasText); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; margin: 0 0 .5rem; }
table { border-collapse: collapse; }
.wide { overflow-x: auto; }
th, td { border: 1px solid GrayText; padding: .25rem .6rem; text-align: start; } td.number { text-align: end; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 1rem; min-width: 0; align-content: start; }
td ul { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: 0; padding: 0; list-style: none; }
dt { font-weight: 600; } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
ol { list-style: none; padding: 0; }
article { border: 1px solid GrayText; border-radius: 4px; padding: .75rem 1rem; margin: .75rem 0;
  display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; }
article > h3 { flex: 1 0 100%; } article > dl { flex: 1 1 20rem; } .pictures { display: flex; flex-wrap: wrap; gap: .5rem; }
figure { margin: 0; max-width: 260px; } figcaption { font-size: .85em; }
img { max-width: 100%; height: auto; display: block; background: #888; }
del { text-decoration: underline dashed; } ins { text-decoration: underline double; font-weight: 600; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
select, input { font: inherit; }
:focus-visible { outline: 2px solid var(--vscode-focusBorder, Highlight); outline-offset: 2px; }
[hidden] { display: none !important; }
@media print { form { display: none; } article { break-inside: avoid; } }
`;

/** Shows the lines that the form chooses. Without it all of them are there, and no form. */
export const script = `
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const items = [...document.querySelectorAll('li[data-right]')];
function choose() {
  const { task, change, most } = form.elements;
  let shown = 0;
  for (const item of items) {
    const fits = (task.value === '' || item.dataset.task === task.value)
      && (change === undefined || change.value === '' || item.dataset.change === change.value)
      && Number(item.dataset.right) <= Number(most.value);
    item.hidden = !fits;
    if (fits) shown++;
  }
  status.textContent = status.dataset.words.replace('{0}', String(shown)).replace('{1}', String(items.length));
}
form.addEventListener('input', choose);
form.addEventListener('submit', event => event.preventDefault());
form.hidden = false;
choose();
`;
