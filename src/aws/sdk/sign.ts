/** The parts of the SDK that we use, in a file of their own: imported on demand, and nothing else is bundled. */
export { SignatureV4 } from '@smithy/signature-v4';
