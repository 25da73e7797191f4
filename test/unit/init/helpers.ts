import type { DeploymentEvidence, ManifestEvidence, TerraformEvidence } from '../../../src/init/evidence.ts';
import { scanManifests } from '../../../src/init/scan-manifests.ts';
import { declaredOutputs } from '../../../src/init/scan-terraform.ts';
import { scanDeployment } from '../../../src/init/scan-workflows.ts';

/** What a script says. */
export function deploymentOf(script: string): DeploymentEvidence {
  return scanDeployment([{ path: 'deploy.sh', text: script }]);
}

/** What manifests say, deployed by a script. */
export function manifestsOf(text: string, script = ''): ManifestEvidence {
  return scanManifests([{ path: 'k8s/app.yaml', text }], deploymentOf(script));
}

/** A ConfigMap with these values, as they are written. */
export function configMap(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([key, value]) => `  ${key}: ${value}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n${lines.join('')}`;
}

/** A Secret with these values. */
export function secret(values: Readonly<Record<string, string>>, name = 'app-secrets'): string {
  return configMap(values).replace('ConfigMap', 'Secret').replace('settings', name).replace('\ndata:', '\nstringData:');
}

/** Outputs by their names; with `: expression` what their value is. */
export function terraformOf(...outputs: readonly string[]): TerraformEvidence {
  const text = outputs.map((output) => {
    const [name = '', expression = '"x"'] = output.split(': ');
    return `output "${name}" { value = ${expression} }`;
  });
  return { dir: 'terraform', outputs: declaredOutputs([{ path: 'outputs.tf', text: text.join('\n') }]), isReal: false };
}
