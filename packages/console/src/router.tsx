import { callStatuses, deliveryStates, tellTypes } from "@offhook/protocol";
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { sessionQuery } from "./sign-in/session.ts";
import { choice, optional, text } from "./ui/address.ts";
import { FailureNotice, Loading } from "./ui/notice.tsx";
import { Shell } from "./ui/shell.tsx";
import { isUnauthorized } from "./ui/server.ts";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  errorComponent: ({ error, reset }) => <FailureNotice error={error} onAgain={reset} />,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (given: Record<string, unknown>) => optional({ to: text(given["to"]) }),
  component: lazyRouteComponent(() => import("./sign-in/sign-in-page.tsx"), "SignInPage"),
});

/** What only those see who are signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query(sessionQuery);
    } catch (error) {
      if (isUnauthorized(error)) redirect({ to: "/sign-in", search: { to: location.href }, throw: true });
      throw error;
    }
  },
  component: Shell,
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: "/",
  validateSearch: (given: Record<string, unknown>) =>
    optional({ minutes: choice(["15", "60", "360", "1440"], given["minutes"]) }),
  component: lazyRouteComponent(() => import("./overview/overview-page.tsx"), "OverviewPage"),
});

const calls = createRoute({
  getParentRoute: () => inside,
  path: "/calls",
  validateSearch: (given: Record<string, unknown>) =>
    optional({
      status: choice(callStatuses, given["status"]),
      assistantId: text(given["assistantId"]),
      from: text(given["from"]),
      to: text(given["to"]),
    }),
  component: lazyRouteComponent(() => import("./calls/calls-page.tsx"), "CallsPage"),
});

const call = createRoute({
  getParentRoute: () => inside,
  path: "/calls/$callId",
  validateSearch: (given: Record<string, unknown>) => optional({ entry: text(given["entry"]) }),
  component: lazyRouteComponent(() => import("./calls/call-page.tsx"), "CallPage"),
});

const talk = createRoute({
  getParentRoute: () => inside,
  path: "/talk",
  validateSearch: (given: Record<string, unknown>) =>
    optional({
      assistantId: text(given["assistantId"]),
      callId: text(given["callId"]),
    }),
  component: lazyRouteComponent(() => import("./talk/talk-page.tsx"), "TalkPage"),
});

const deliveries = createRoute({
  getParentRoute: () => inside,
  path: "/deliveries",
  validateSearch: (given: Record<string, unknown>) =>
    optional({
      state: choice(deliveryStates, given["state"]),
      type: choice(tellTypes, given["type"]),
      assistantId: text(given["assistantId"]),
      from: text(given["from"]),
      to: text(given["to"]),
      event: text(given["event"]),
    }),
  component: lazyRouteComponent(() => import("./deliveries/deliveries-page.tsx"), "DeliveriesPage"),
});

const assistants = createRoute({
  getParentRoute: () => inside,
  path: "/assistants",
  component: lazyRouteComponent(() => import("./assistants/assistants-page.tsx"), "AssistantsPage"),
});

const assistant = createRoute({
  getParentRoute: () => inside,
  path: "/assistants/$assistantId",
  component: lazyRouteComponent(() => import("./assistants/assistant-page.tsx"), "AssistantPage"),
});

const tools = createRoute({
  getParentRoute: () => inside,
  path: "/tools",
  component: lazyRouteComponent(() => import("./tools/tools-page.tsx"), "ToolsPage"),
});

const tool = createRoute({
  getParentRoute: () => inside,
  path: "/tools/$toolId",
  component: lazyRouteComponent(() => import("./tools/tool-page.tsx"), "ToolPage"),
});

const tree = root.addChildren([
  signIn,
  inside.addChildren([overview, calls, call, talk, deliveries, assistants, assistant, tools, tool]),
]);

/** The addresses of the page and what is at each. */
export function openRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: "/console",
    context: { queries },
    defaultPreload: "intent",
    defaultPendingMs: 150,
    defaultPendingComponent: Loading,
    defaultNotFoundComponent: () => <p className="p-6">There is nothing at this address.</p>,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof openRouter>;
  }
}
