export const templates = ["node", "hono", "express", "next"] as const;
export type Template = (typeof templates)[number];

/** What a new application is made of: a file's path, and its text. */
export type Files = Record<string, string>;

export type Application = {
  name: string;
  template: Template;
  secret: string;
  /** The packages of ours, by where they come from. */
  ours: Record<string, string>;
};

/** A new application with a Server URL at `/offhook` on port 3000. */
export function filesOf(application: Application): Files {
  const { template, secret } = application;
  return {
    "package.json": manifestOf(application),
    ...bodies[template],
    "assistant.yaml": assistant,
    ".env": `# Both sides know it: the application verifies with it what the server signs.\nSERVER_URL_SECRET=${secret}\nPORT=3000\n`,
    ".gitignore": "node_modules\n.env\n.next\n",
    "README.md": readmeOf(application),
  };
}

/** What each template needs besides, in versions that were tried. */
const needs: Record<Template, Record<string, string>> = {
  node: {},
  hono: { hono: "^4.13.0", "@hono/node-server": "^2.1.0" },
  express: { express: "^5.1.0" },
  next: { next: "^16.0.0", react: "^19.2.0", "react-dom": "^19.2.0" },
};

function manifestOf({ name, template, ours }: Application): string {
  const start = template === "next" ? "next dev" : "node --env-file=.env main.js";
  const manifest = {
    name,
    private: true,
    type: "module",
    scripts: { start },
    dependencies: { ...ours, ...needs[template], zod: "^4.6.0" },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

const receiver = `import { serverUrl, tool } from "@offhook/server-url";
import { z } from "zod";

/** What the assistant can ask this application, and what it is told. */
export const receiver = serverUrl({
  secret: process.env.SERVER_URL_SECRET ?? "",
  tools: {
    findSlots: tool({
      description: "Finds the free appointments on a day.",
      parameters: z.object({ day: z.string().describe("a weekday, or a date such as 2026-11-24") }),
      run: ({ day }) => \`9:00 and 11:30 are free on \${day}.\`,
    }),
  },
  on: {
    "status-update": ({ call, status }) => console.log(\`\${call.id} is \${status}\`),
    "end-of-call-report": ({ call, analysis }) => console.log(\`\${call.id} has ended\`, analysis.summary ?? ""),
  },
});
`;

const bodies: Record<Template, Files> = {
  node: {
    "receiver.js": receiver,
    "main.js": `import { createServer } from "node:http";
import { receiver } from "./receiver.js";

const port = Number(process.env.PORT ?? 3000);
createServer(receiver.node).listen(port, "127.0.0.1", () => {
  console.log(\`Server URL: http://127.0.0.1:\${port}/offhook\`);
});
`,
  },
  hono: {
    "receiver.js": receiver,
    "main.js": `import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { receiver } from "./receiver.js";

const app = new Hono();
app.all("/offhook", (context) => receiver.fetch(context.req.raw));

const port = Number(process.env.PORT ?? 3000);
serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => {
  console.log(\`Server URL: http://127.0.0.1:\${port}/offhook\`);
});
`,
  },
  express: {
    "receiver.js": receiver,
    "main.js": `import express from "express";
import { receiver } from "./receiver.js";

const app = express();
// Before any body parser: what is signed is the body as it came.
app.all("/offhook", receiver.node);

const port = Number(process.env.PORT ?? 3000);
app.listen(port, "127.0.0.1", () => {
  console.log(\`Server URL: http://127.0.0.1:\${port}/offhook\`);
});
`,
  },
  next: {
    "receiver.js": receiver,
    "app/layout.js": `export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
    "app/page.js": `export default function Page() {
  return <p>The Server URL is /offhook.</p>;
}
`,
    "app/offhook/route.js": `import { receiver } from "../../receiver.js";

export const POST = (request) => receiver.fetch(request);
`,
  },
};

const assistant = `# npx offhook assistants apply -f assistant.yaml
name: Reception
welcomeMessage: Good morning. Which day would suit you?
# A script without a language model. With a key on the server: openai, and a model.
assistantProvider: rehearsal
assistantModel: rehearsal
assistantSystemPrompt: You find appointments.
rehearsal:
  rules:
    - when: [monday]
      call: [{ name: findSlots, arguments: { day: Monday } }]
    - after: findSlots
      say: "{{result}}"
  otherwise: Which day would suit you?
`;

function readmeOf({ name, template }: Application): string {
  const server = "export OFFHOOK_API_KEY=$(openssl rand -hex 16)   # in every terminal";
  return `# ${name}

An application with a Server URL (${template}). \`receiver.js\` is what it does.

\`\`\`sh
${server}
npx offhook dev -f assistant.yaml -- npm start   # 1: a server, this application, and all that goes between them
set -a; . ./.env; set +a                         # 2
npx offhook push Reception --from receiver.js    # its tools; again when they change
npx offhook call Reception                       # say "Monday"
\`\`\`

The same with each in a terminal of its own, or with a server elsewhere (\`OFFHOOK_URL\`):

\`\`\`sh
npx offhook start                                # 1: the server
npm start                                        # 2: this application
set -a; . ./.env; set +a                         # 3
npx offhook assistants apply -f assistant.yaml
npx offhook push Reception --from receiver.js
npx offhook listen --forward-to http://127.0.0.1:3000/offhook
npx offhook call Reception                       # 4: say "Monday"
\`\`\`
`;
}
