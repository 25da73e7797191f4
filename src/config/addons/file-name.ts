/** How messages call a file of an add-on, `addon quota: quota.yaml`, by its path below the templates; undefined for others. */
export function addonFileName(path: string): string | undefined {
  const [folder, addon, ...file] = path.split(/[/\\]/);
  return folder === 'addons' && addon !== undefined && file.length > 0
    ? `addon ${addon}: ${file.join('/')}`
    : undefined;
}

/** Whether a name is that of a file of an add-on: there is none of it where the run is. */
export function isAddonFile(name: string): boolean {
  return /^addon [^\s/]+: /.test(name);
}
