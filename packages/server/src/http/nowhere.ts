import type { Context, NotFoundHandler } from "hono";
import type { App, Env } from "./parts.ts";
import { refuse } from "./problem.ts";

type Path = { fits: RegExp; methods: Set<string> };

/** Answers what no operation fits: 405 with `allow` where another method would, else 404. */
export function refuseRest(app: App): NotFoundHandler<Env> {
  const paths = pathsOf(app);
  return (context) => {
    const methods = paths
      .filter(({ fits }) => fits.test(context.req.path))
      .flatMap((path) => [...path.methods]);
    return methods.length > 0 ? refuseMethod(context, methods) : refusePath(context);
  };
}

function pathsOf(app: App): Path[] {
  const paths = new Map<string, Path>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { path, method } = definition.route;
    const methods = paths.get(path)?.methods ?? new Set();
    methods.add(method.toUpperCase());
    if (method === "get") methods.add("HEAD");
    paths.set(path, { fits: new RegExp(`^${path.replaceAll(/\{[^}]+\}/gu, "[^/]+")}$`, "u"), methods });
  }
  return [...paths.values()];
}

function refuseMethod(context: Context<Env>, methods: string[]): Response {
  context.header("allow", methods.join(", "));
  const detail = `${context.req.method} is not understood here: use ${methods.join(" or ")}.`;
  return refuse(context, { refused: "method-not-allowed", detail });
}

function refusePath(context: Context<Env>): Response {
  const detail = "There is nothing at this path: GET /openapi.json says what there is.";
  return refuse(context, { refused: "not-found", detail });
}
