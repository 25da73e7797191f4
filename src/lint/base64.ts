/**
 * Why the API server can't decode a text of `data` or `binaryData`; undefined for base64 as Go reads it: the standard
 * alphabet with padding, line breaks passed over.
 */
export function encodedFlaw(text: string): string | undefined {
  const bare = text.replaceAll(/[\r\n]/g, '');
  const [stray] = /[^A-Za-z0-9+/=]/.exec(bare) ?? [];
  if (stray === '-' || stray === '_') return 'is URL-safe base64';
  if (stray !== undefined) return 'is no base64';
  if (!/^[^=]*={0,2}$/.test(bare) || bare.length % 4 !== 0) return 'is no whole base64: its length or padding is wrong';
  return undefined;
}
