/** How progress is told. `json`: one object a line on stderr. By itself, since the parser needs the names and nothing else. */
export const progressStyles = ['auto', 'plain', 'json', 'none'] as const
export type ProgressStyle = (typeof progressStyles)[number]
