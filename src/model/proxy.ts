import { getProxyForUrl } from 'proxy-from-env';

/**
 * The proxy for an address by HTTPS_PROXY, ALL_PROXY and NO_PROXY, as kubectl and the aws CLI read them; undefined where
 * it is reached directly. This machine always is (Go's net/http has the same rule).
 */
export function proxyFor(url: URL): string | undefined {
  const { hostname } = url;
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return undefined;
  const proxy = getProxyForUrl(url.href);
  return proxy === '' ? undefined : proxy;
}
