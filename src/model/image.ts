/** What `set-image` is told: an image, and for which container where that was said. */
export interface ImageChoice {
  readonly container?: string;
  readonly image: string;
}

/** Reads `example.com/web:2`, or `web=example.com/web:2` as `kubectl set image` takes it. */
export function parseImageChoice(text: string): ImageChoice {
  const equals = text.indexOf('=');
  return equals < 0 ? { image: text } : { container: text.slice(0, equals), image: text.slice(equals + 1) };
}

/** https://github.com/distribution/reference/blob/main/reference.go */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host =
  '(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:]+\\])';
const repository = new RegExp(`^(?:${host}(?::\\d+)?/)?${component}(?:/${component})*$`);
const maxRepositoryLength = 255;

/** Why a text can't be the reference of an image, as a clause; undefined where it can. */
export function imageMistake(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (/\s/.test(text)) return 'there is a space in it';
  const [named = '', ...digests] = text.split('@');
  if (digests.length > 1 || digests.some((digest) => !/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}$/.test(digest))) {
    return 'what follows the @ is no digest such as sha256:...';
  }
  // The colon of a port comes before a slash.
  const [, name = '', tag] = /^(.*?)(?::([^/]*))?$/.exec(named) ?? [];
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return `${JSON.stringify(tag)} is no tag`;
  if (name.length > maxRepositoryLength) return `its repository has more than ${maxRepositoryLength} letters`;
  if (repository.test(name)) return undefined;
  return repository.test(name.toLowerCase())
    ? 'a repository is written in lower case'
    : `${JSON.stringify(name)} is no repository`;
}
