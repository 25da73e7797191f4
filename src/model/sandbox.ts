/** The context of the kubeconfig that `oms-deploy sandbox` writes. */
export const sandboxContext = 'oms-deploy-sandbox';
