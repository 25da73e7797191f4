import type { Check } from '../check.ts';
import { autoscalersCheck } from './autoscalers.ts';
import { eventsCheck } from './events.ts';
import { imagesCheck } from './images.ts';
import { ingressesCheck } from './ingresses.ts';
import { logsCheck } from './logs.ts';
import { metricsApiCheck } from './metrics-api.ts';
import { objectsCheck } from './objects.ts';
import { probesCheck, websocketsCheck } from './probes.ts';
import { reachCheck } from './reach.ts';
import { referencesCheck } from './references.ts';
import { restartsCheck } from './restarts.ts';
import { servicesCheck } from './services.ts';
import { workloadsCheck } from './workloads.ts';

/** Every check, in the order in which it is shown. A new one is a file and a line here. */
export const checks: readonly Check[] = [
  objectsCheck,
  workloadsCheck,
  servicesCheck,
  autoscalersCheck,
  metricsApiCheck,
  referencesCheck,
  imagesCheck,
  restartsCheck,
  probesCheck,
  websocketsCheck,
  reachCheck,
  ingressesCheck,
  eventsCheck,
  logsCheck,
];
