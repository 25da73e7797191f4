/** What every run knows without being told, by the names that manifests have for it. */
export function builtInNamed(input: string): string {
  return /^(?:(?:k8s|kube|kubernetes|target|deploy|app|eks)_)?namespace$|^ns$/.test(input) ? 'namespace' : input;
}
