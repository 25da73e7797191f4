import type { SocksProxyAgent as Original } from 'socks-proxy-agent';

/**
 * Stands for the class of socks-proxy-agent until a kubeconfig names such a proxy: it takes as long to load as a kubeconfig
 * to read.
 */
export function SocksProxyAgent(...args: ConstructorParameters<typeof Original>): Original {
  const library: { readonly SocksProxyAgent: typeof Original } = require('socks-proxy-agent');
  return new library.SocksProxyAgent(...args);
}
