/** The first line of every file that we write: only such files are ever replaced or removed. */
export const renderedMark = '# Rendered by oms-deploy; changes here are lost with the next render.';

/** Whether a file was made of manifests by `render`: nobody who looks for the manifests means it. */
export function isRendered(text: string): boolean {
  return text.startsWith(renderedMark);
}
