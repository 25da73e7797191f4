/** What a name must be like, and how that is said. The API server's own rules (apimachinery, util/validation). */
export interface NameForm {
  readonly test: (text: string) => boolean;
  readonly words: string;
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** RFC 1123: namespaces, containers, volumes, the ports of a Service. */
export const dnsLabel: NameForm = {
  test: (text) => text.length <= 63 && label.test(text),
  words: 'a-z, 0-9 and -, at both ends no -, at most 63 characters',
};

/** RFC 1035: a Service. */
export const dns1035Label: NameForm = {
  test: (text) => text.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text),
  words: 'a-z, 0-9 and -, a letter first, no - last, at most 63 characters',
};

/** RFC 1123: most objects. */
export const dnsSubdomain: NameForm = {
  test: (text) => text.length <= 253 && text.split('.').every((part) => label.test(part)),
  words: 'a-z, 0-9, - and ., beginning and ending with a letter or digit, at most 253 characters',
};

/** What may stand in a URL: roles and their bindings. */
export const pathSegment: NameForm = {
  test: (text) => text !== '.' && text !== '..' && !/[/%]/.test(text),
  words: 'no / and no %',
};

/** RFC 6335: the ports of a container. */
export const portName: NameForm = {
  test: (text) => text.length <= 15 && /[a-z]/.test(text) && label.test(text) && !text.includes('--'),
  words: 'a-z, 0-9 and single -, with a letter in it, at most 15 characters',
};

/** A key of a ConfigMap or Secret. */
export const dataKey: NameForm = {
  test: (text) => /^[-._a-zA-Z0-9]{1,253}$/.test(text) && text !== '.' && !text.startsWith('..'),
  words: 'letters, digits, -, _ and ., at most 253 characters',
};

const qualified = /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;

/** The key of a label or annotation: `app.kubernetes.io/name`. */
export const qualifiedName: NameForm = {
  test: (text) => {
    const parts = text.split('/');
    const [name = '', prefix] = parts.toReversed();
    return parts.length <= 2 && qualified.test(name) && (prefix === undefined || dnsSubdomain.test(prefix));
  },
  words: 'letters, digits, -, _ and ., at most 63 characters, perhaps with a domain and / before it',
};

/** The value of a label. */
export const labelValue: NameForm = {
  test: (text) => text === '' || qualified.test(text),
  words: 'letters, digits, -, _ and ., beginning and ending with a letter or digit, at most 63 characters',
};
