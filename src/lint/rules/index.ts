import type { Rule } from '../rule.ts';
import { apiDeprecated } from './api-deprecated.ts';
import { apiRemoved } from './api-removed.ts';
import { configBareConnection } from './config-bare-connection.ts';
import { configClearCredential } from './config-clear-credential.ts';
import { configMissing } from './config-missing.ts';
import { configMissingKey } from './config-missing-key.ts';
import { configTwoConventions } from './config-two-conventions.ts';
import { configUnused } from './config-unused.ts';
import { hpaBounds } from './hpa-bounds.ts';
import { hpaMemory } from './hpa-memory.ts';
import { hpaReplicas } from './hpa-replicas.ts';
import { hpaRequests } from './hpa-requests.ts';
import { hpaTarget } from './hpa-target.ts';
import { imagesLatest } from './images-latest.ts';
import { ingressBackend } from './ingress-backend.ts';
import { ingressDraining } from './ingress-draining.ts';
import { ingressHealthCheck } from './ingress-health-check.ts';
import { ingressPlainHttp } from './ingress-plain-http.ts';
import { manifestsDuplicate } from './manifests-duplicate.ts';
import { manifestsInvalidField } from './manifests-invalid-field.ts';
import { manifestsUnknownField } from './manifests-unknown-field.ts';
import { manifestsUnknownKind } from './manifests-unknown-kind.ts';
import { manifestsWave } from './manifests-wave.ts';
import { networkMissing } from './network-missing.ts';
import { pdbBlocksDrains } from './pdb-blocks-drains.ts';
import { pdbMissing } from './pdb-missing.ts';
import { pdbNoPods } from './pdb-no-pods.ts';
import { placeholdersUndeclared } from './placeholders-undeclared.ts';
import { podsGrace } from './pods-grace.ts';
import { podsLowPorts } from './pods-low-ports.ts';
import { probesLiveness } from './probes-liveness.ts';
import { probesMissing } from './probes-missing.ts';
import { probesPort } from './probes-port.ts';
import { probesStartup } from './probes-startup.ts';
import { quotaMissing } from './quota-missing.ts';
import { quotaRoom } from './quota-room.ts';
import { resourcesAboveLimit } from './resources-above-limit.ts';
import { resourcesMissing } from './resources-missing.ts';
import { secretsBase64 } from './secrets-base64.ts';
import { secretsValues } from './secrets-values.ts';
import { securityHostNamespaces } from './security-host-namespaces.ts';
import { securityHostPath } from './security-host-path.ts';
import { securityPrivileged } from './security-privileged.ts';
import { securityRoot } from './security-root.ts';
import { serviceNoPods } from './service-no-pods.ts';
import { serviceNoPorts } from './service-no-ports.ts';
import { servicePorts } from './service-ports.ts';
import { syntaxCount } from './syntax-count.ts';
import { syntaxDuplicate } from './syntax-duplicate.ts';
import { syntaxKey } from './syntax-key.ts';
import { syntaxLabel } from './syntax-label.ts';
import { syntaxMount } from './syntax-mount.ts';
import { syntaxName } from './syntax-name.ts';
import { syntaxPort } from './syntax-port.ts';
import { syntaxQuantity } from './syntax-quantity.ts';
import { syntaxRequired } from './syntax-required.ts';
import { syntaxSchedule } from './syntax-schedule.ts';
import { workloadRollout } from './workload-rollout.ts';
import { workloadSelector } from './workload-selector.ts';

/** All rules, in the order in which the README lists them. */
export const rules: readonly Rule[] = [
  manifestsDuplicate,
  manifestsWave,
  manifestsUnknownKind,
  manifestsUnknownField,
  manifestsInvalidField,
  apiRemoved,
  apiDeprecated,
  syntaxRequired,
  syntaxName,
  syntaxKey,
  syntaxLabel,
  syntaxQuantity,
  syntaxPort,
  syntaxCount,
  syntaxSchedule,
  syntaxDuplicate,
  syntaxMount,
  placeholdersUndeclared,
  imagesLatest,
  secretsBase64,
  secretsValues,
  configMissing,
  configMissingKey,
  configUnused,
  configBareConnection,
  configTwoConventions,
  configClearCredential,
  serviceNoPorts,
  serviceNoPods,
  servicePorts,
  ingressBackend,
  ingressDraining,
  ingressHealthCheck,
  ingressPlainHttp,
  workloadSelector,
  workloadRollout,
  probesMissing,
  probesPort,
  probesLiveness,
  probesStartup,
  podsGrace,
  podsLowPorts,
  resourcesAboveLimit,
  resourcesMissing,
  hpaTarget,
  hpaBounds,
  hpaRequests,
  hpaMemory,
  hpaReplicas,
  pdbBlocksDrains,
  pdbNoPods,
  pdbMissing,
  quotaRoom,
  quotaMissing,
  networkMissing,
  securityPrivileged,
  securityHostNamespaces,
  securityHostPath,
  securityRoot,
];
