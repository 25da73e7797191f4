/** Where people keep manifests, in the order in which one is taken. Not `deployments`: it may hold those of one kind only. */
export const usualFolders: readonly string[] = ['k8s', 'kubernetes', 'manifests', 'kube', '.k8s', 'deploy'];
