/**
 * @file Types of the platform that the declarations name, for programs compiled without the DOM's or Node's. Where those are
 * there, these empty ones merge with them and change nothing; where they are not, a value is taken as it is.
 */
declare global {
  interface AbortSignal {}
  interface GPU {}
  interface Response {}
  interface URL {}
  namespace WebAssembly {
    interface Memory {}
    interface Module {}
  }
}

/** The platform's `fetch`, as far as it is used. */
export type Fetch = (
  url: string,
  options: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
) => Promise<Response>;
