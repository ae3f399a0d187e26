import type { ServerUrl } from "../receiver.ts";
import type { NodeHandler } from "./node.ts";

/**
 * A receiver as a handler of Express (4 and 5), or of Connect. Mount it before
 * any body parser; a parser that was there first is told so in the answer.
 *
 * @example
 * app.all("/offhook", toExpress(receiver));
 * app.use(express.json());
 */
export function toExpress(receiver: Pick<ServerUrl, "node">): NodeHandler {
  return (request, response) => receiver.node(request, response);
}
