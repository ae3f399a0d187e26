/**
 * The part of `node:http` that is used here, so that nothing of Node is needed
 * to load or type the receiver. `IncomingMessage` and `ServerResponse` fit.
 */
export type NodeRequest = {
  method?: string | undefined;
  url?: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whether the body has been read to its end. */
  readableEnded: boolean;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
};

export type NodeResponse = {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
};

export type NodeHandler = (request: NodeRequest, response: NodeResponse) => void;

/** Puts a handler of Web requests behind `node:http`. */
export function nodeHandler(fetch: (request: Request) => Promise<Response>): NodeHandler {
  const answer = async (request: NodeRequest, response: NodeResponse): Promise<void> => {
    const web = await toWebRequest(request);
    const answered = await fetch(web);
    const body = await answered.text();
    response.statusCode = answered.status;
    for (const [name, value] of answered.headers) response.setHeader(name, value);
    response.end(body);
    // What still comes of a refused body is dropped, so that its sender can read the answer;
    // `requestTimeout` of the http server bounds it.
    web.body?.cancel().catch(() => undefined);
    request.resume();
  };
  return (request, response) => {
    answer(request, response).catch(() => {
      response.statusCode = 500;
      response.end('{"error":"The request could not be read."}');
    });
  };
}

async function toWebRequest(request: NodeRequest): Promise<Request> {
  const { method = "GET" } = request;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith(":"))
      headers.set(name, typeof value === "string" ? value : value.join(", "));
  }
  // Only the path is of interest, and `host` is the sender's to invent.
  const address = `http://server-url.invalid${request.url?.startsWith("/") ? request.url : "/"}`;
  if (method !== "POST") return new Request(address, { method: webMethod(method), headers });
  const init = { method, headers, body: request.readableEnded ? "" : streamOf(request), duplex: "half" };
  const web = new Request(address, init);
  // Somebody read the body before us; the receiver says so when it finds it used.
  if (request.readableEnded) await web.text();
  return web;
}

/** Web requests can not be made with the methods of proxies; they are refused like any other but POST. */
function webMethod(method: string): string {
  return ["CONNECT", "TRACE", "TRACK"].includes(method) ? "OPTIONS" : method;
}

function streamOf(request: NodeRequest): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (act: () => void): void => {
        if (!over) act();
        over = true;
      };
      request.on("data", (chunk) => {
        if (over) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) request.pause();
      });
      request.on("end", () => end(() => controller.close()));
      request.on("error", (error) => end(() => controller.error(error)));
      request.on("close", () => end(() => controller.error(new Error("the connection was closed"))));
    },
    pull() {
      request.resume();
    },
    cancel() {
      over = true;
    },
  });
}
