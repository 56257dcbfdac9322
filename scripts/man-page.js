// The manual page, from the same tables as the help.

/** @returns roff of `sfbulk(1)` for the program's name, version, description, commands and exit codes */
export function renderManPage({ version, description, commands, exitCodes }) {
  return [
    `.TH SFBULK 1 "" "sfbulk ${version}" "User Commands"`,
    '.SH NAME',
    `sfbulk \\- ${escapeRoff(description[0].toLowerCase() + description.slice(1))}`,
    '.SH SYNOPSIS',
    '.B sfbulk',
    '.I command',
    '[arguments] [options]',
    '.SH COMMANDS',
    ...commands.flatMap(renderCommand),
    '.SH EXIT STATUS',
    ...Object.values(exitCodes).flatMap(({ code, meaning }) => ['.TP', `.B ${code}`, escapeRoff(meaning)]),
    '.SH FILES',
    '.TP',
    '.I .env',
    'In the current folder: variables of the connection; the environment wins.',
    '.TP',
    '.I $SFBULK_HOME',
    'Records of runs and saved connections, for their owner alone. Default: the state folder of the platform.',
    '.SH SEE ALSO',
    'The pages in the folder docs of the package.',
    '',
  ].join('\n')
}

function renderCommand({ name, summary, details, arguments: places, options, examples }) {
  const line = [`sfbulk ${name}`, ...places.map((place) => place.name)].join(' ')
  return [
    `.SS ${escapeRoff(line)}`,
    escapeRoff(capitalize(`${summary}.`)),
    ...(details === undefined ? [] : ['.PP', escapeRoff(details)]),
    ...Object.values(options).flatMap(({ flags, about }) => ['.TP', `.B ${escapeRoff(flags)}`, escapeRoff(about)]),
    ...examples.flatMap(({ about, line: example }) => [
      '.PP',
      escapeRoff(capitalize(`${about}:`)),
      '.RS',
      '.nf',
      escapeRoff(example),
      '.fi',
      '.RE',
    ]),
  ]
}

function capitalize(text) {
  return text[0].toUpperCase() + text.slice(1)
}

/** Backslashes and dashes mean themselves; a line that begins with a dot or a quote is no request. */
function escapeRoff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
}
