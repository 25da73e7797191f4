/**
 * Stands for `import` of node:http. That reads all exports of the module, WebSocket among them, with which Node 22 and later
 * load its whole client of the web (undici): as much time as all of oms-deploy's own modules take.
 */
const http = process.getBuiltinModule('node:http');

// oxlint-disable-next-line import/no-default-export -- node:http has one.
export { http as default };
export const { createServer, get, request, validateHeaderValue } = http;
