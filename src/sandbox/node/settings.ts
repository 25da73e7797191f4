/** The name of the one real node; the first of those that kwok plays has the same. */
export const nodeName = 'node-us-east-1a';

/** The node's address, in its own network namespace, on the loopback interface. The files in config/ repeat it. */
export const nodeAddress = '10.99.0.1';

/** The addresses of Services; the API server has the same. */
export const serviceRange = '10.96.0.0/16';

/** The addresses of pods, as config/cni and config/kube-proxy.yaml have them. */
export const podRange = '10.244.0.0/24';

/** Where the node's runtime asks for images, as config/hosts has it: a relay leads from there to the registry. */
export const registryInside = '127.0.0.1:5000';

/** The name of the image that holds the namespaces of each pod, as config/containerd.toml has it. */
export const pauseImage = 'sandbox/pause:pause';
