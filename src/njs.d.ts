/// <reference path="../node_modules/njs-types/ngx_http_js_module.d.ts" />
/// <reference path="../node_modules/njs-types/ngx_stream_js_module.d.ts" />

// What src/ uses of njs and njs-types 0.9.4 lacks.

/** `src/flow.ts`, bundled inside a function by build.mjs: the gate then does not pay for code that it does not run. */
declare function loadFlow(): typeof import('./flow').default;

interface NginxStreamRequest {
  /** Sends to the server, also from a callback for data that comes from there. */
  sendUpstream(data: NjsStringOrBuffer, options?: NginxStreamSendOptions): void;
  /** Sends to the client, also from a callback for data that comes from there. */
  sendDownstream(data: NjsStringOrBuffer, options?: NginxStreamSendOptions): void;
}

interface NjsGlobal {
  /** `njs` or `QuickJS`. */
  readonly engine: string;
}
