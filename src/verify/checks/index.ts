import type { Check } from '../check.ts';
import { accessCheck } from './access.ts';
import { architectureCheck } from './architecture.ts';
import { autoscalersCheck } from './autoscalers.ts';
import { clusterVersionCheck } from './cluster-version.ts';
import { configHashCheck } from './config-hash.ts';
import { disruptionBudgetsCheck } from './disruption-budgets.ts';
import { drainingCheck } from './draining.ts';
import { eventsCheck } from './events.ts';
import { externalSecretsCheck } from './external-secrets.ts';
import { hpaRequestsCheck } from './hpa-requests.ts';
import { hpaSelectorCheck } from './hpa-selector.ts';
import { imagesCheck } from './images.ts';
import { imagesLatestCheck } from './images-latest.ts';
import { ingressAnswersCheck } from './ingress-answers.ts';
import { ingressBackendsCheck } from './ingress-backends.ts';
import { ingressClassCheck } from './ingress-class.ts';
import { ingressEventsCheck } from './ingress-events.ts';
import { ingressesCheck } from './ingresses.ts';
import { logsCheck } from './logs.ts';
import { lowPortsCheck } from './low-ports.ts';
import { metricsApiCheck } from './metrics-api.ts';
import { namespaceCheck } from './namespace.ts';
import { networkPoliciesCheck } from './network-policies.ts';
import { objectsCheck } from './objects.ts';
import { placeholdersCheck } from './placeholders.ts';
import { podNetworkCheck } from './pod-network.ts';
import { probesCheck, websocketsCheck } from './probes.ts';
import { pullSecretsCheck } from './pull-secrets.ts';
import { quotaCheck } from './quota.ts';
import { reachCheck } from './reach.ts';
import { referencesCheck } from './references.ts';
import { restartsCheck } from './restarts.ts';
import { secretValuesCheck } from './secret-values.ts';
import { servicesCheck } from './services.ts';
import { usageCheck } from './usage.ts';
import { webhooksCheck } from './webhooks.ts';
import { workloadsCheck } from './workloads.ts';

/** Every check, in the order in which it is shown. A new one is a file and a line here. */
export const checks: readonly Check[] = [
  accessCheck,
  clusterVersionCheck,
  objectsCheck,
  workloadsCheck,
  servicesCheck,
  autoscalersCheck,
  metricsApiCheck,
  referencesCheck,
  imagesCheck,
  pullSecretsCheck,
  restartsCheck,
  probesCheck,
  websocketsCheck,
  reachCheck,
  ingressesCheck,
  ingressAnswersCheck,
  ingressEventsCheck,
  ingressClassCheck,
  ingressBackendsCheck,
  eventsCheck,
  logsCheck,
  namespaceCheck,
  placeholdersCheck,
  secretValuesCheck,
  externalSecretsCheck,
  configHashCheck,
  imagesLatestCheck,
  architectureCheck,
  lowPortsCheck,
  podNetworkCheck,
  quotaCheck,
  usageCheck,
  hpaRequestsCheck,
  hpaSelectorCheck,
  disruptionBudgetsCheck,
  drainingCheck,
  webhooksCheck,
  networkPoliciesCheck,
];
