import type { ServerUrl } from "../receiver.ts";
import type { NodeRequest, NodeResponse } from "./node.ts";

/** The part of a Fastify instance that is used here; `FastifyInstance` fits. */
export type FastifyLike = {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(type: string, parser: ContentTypeParser): unknown;
  all(path: string, handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => void): unknown;
};

type ContentTypeParser = (request: unknown, payload: unknown, done: (error: Error | null) => void) => void;
type FastifyRequestLike = { raw: NodeRequest };
type FastifyReplyLike = { raw: NodeResponse; hijack(): unknown };

/**
 * A receiver as a plugin of Fastify 5. It leaves the body unread for the
 * receiver within its own scope; the rest of the application keeps its parsers.
 *
 * @example
 * await app.register(toFastify(receiver), { prefix: "/offhook" });
 */
export function toFastify(receiver: Pick<ServerUrl, "node">): (app: FastifyLike) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, _payload, done) => done(null));
    app.all("/", (request, reply) => {
      reply.hijack();
      receiver.node(request.raw, reply.raw);
    });
  };
}
