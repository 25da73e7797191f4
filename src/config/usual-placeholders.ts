/** How placeholders look, by the names that the configuration has for it; see manifests/placeholders/styles.ts. */
export const placeholderStyles = [
  'replace-with',
  'angle',
  'angle-any',
  'dollar-brace',
  'dollar',
  'mustache',
  'hash-brace',
  'underscores',
  'percent',
  'your',
  'change-me',
] as const;

export type PlaceholderStyle = (typeof placeholderStyles)[number];

/** The styles that are on where the configuration doesn't say: those that are hardly ever meant for somebody else. */
export const usualStyles: readonly PlaceholderStyle[] = ['replace-with', 'angle', 'dollar-brace', 'your', 'change-me'];

/** What is a placeholder where no configuration says anything. */
export const usualPlaceholders = {
  styles: [...usualStyles],
  inputs: {},
  fields: {},
  literals: {},
  keep: [],
};
