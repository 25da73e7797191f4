// A process of its own for the tests of aws.ts: the SDK reads process.env, and only a child has one to itself.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const { identifyCaller } = await import('../../src/aws/caller.ts');
const { createAwsSession } = await import('../../src/aws/session.ts');

const request: { region?: string; profile?: string; fallbackRegion?: string; timeoutMs?: number } = JSON.parse(
  process.argv[2] ?? '{}',
);
const start = performance.now();
const { fallbackRegion, ...settings } = request;
const session = createAwsSession({ env: process.env, ...settings, fallbackRegion: async () => fallbackRegion });
const reading = await identifyCaller(session, new AbortController().signal);
process.stdout.write(JSON.stringify({ ...reading, elapsedMs: performance.now() - start }));
// A credential helper that hangs must not keep the test waiting.
process.exit(0);
