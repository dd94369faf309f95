// What the extension's manifest says: commands and settings.
import { code, table, withoutCommandLinks } from './markdown.mjs';

const menuNames = {
  'explorer/context': 'menu of a picture in the Explorer',
  'paligemma.pictures': 'menu of a picture or folder in the Explorer (PaliGemma 2)',
  'editor/title/context': "menu of an editor's tab",
  'editor/title': 'above an open picture',
  'file/newFile': 'New File…',
  'editor/context': "menu of a prompt file's text",
};

/** Commands that a person can call; those for links and buttons only are left out. */
export function commandTable({ manifest: { contributes } }) {
  const { commands, menus, keybindings } = contributes;
  const isHidden = command => menus.commandPalette.some(entry => entry.command === command && entry.when === 'false');
  const rows = commands.filter(({ command }) => !isHidden(command)).map(({ command, title, enablement = '' }) => {
    const places = Object.keys(menuNames).filter(menu => menus[menu].some(entry => entry.command === command)).map(
      menu => menuNames[menu],
    );
    const keys = keybindings.filter(binding => binding.command === command).map((
      { key, mac },
    ) => (mac === undefined ? keysOf(key) : `${keysOf(key)} (macOS: ${keysOf(mac)})`));
    return [
      title,
      code(command),
      [...keys, ...places].join(', '),
      enablement.includes('isWorkspaceTrusted') ? 'yes' : '',
    ];
  });
  return table(['command', 'id', 'where, besides the Command Palette', 'needs a trusted workspace'], rows);
}

const scopeNames = { machine: 'you', window: 'you, workspace', resource: 'you, workspace, folder' };

export function settingTable({ manifest }) {
  return table(
    ['setting', 'meaning', 'default', 'may be set by'],
    settings(manifest).map((
      [name, { markdownDescription, default: value, scope }],
    ) => [code(name), withoutCommandLinks(markdownDescription), code(JSON.stringify(value)), scopeNames[scope]]),
  );
}

/** The values of the settings that have a choice of them. */
export function settingValues({ manifest }) {
  const chosen = settings(manifest).filter(([, setting]) => setting.markdownEnumDescriptions !== undefined);
  const rows = chosen.flatMap(([name, { enum: values, markdownEnumDescriptions: meanings }]) =>
    values.map((value, index) => [index === 0 ? code(name) : '', code(value), meanings[index]])
  );
  return table(['setting', 'value', 'meaning'], rows);
}

function settings({ contributes }) {
  return Object.entries(contributes.configuration.properties).sort(([, a], [, b]) => a.order - b.order);
}

function keysOf(binding) {
  return binding.split('+').map(key => `<kbd>${key[0].toUpperCase()}${key.slice(1)}</kbd>`).join('+');
}
