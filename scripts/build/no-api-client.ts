/** Stands for what makes clients in the Kubernetes client library: nobody here asks it for one. */
function noClient(): never {
  throw new Error('this build has no API clients of @kubernetes/client-node');
}

export { noClient as createConfiguration, noClient as ServerConfiguration };
