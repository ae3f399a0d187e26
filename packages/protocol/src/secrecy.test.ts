import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dropSecrets, isSensitive, mask, maskSecrets, unmaskSecrets } from "./secrecy.ts";

const sensitive = `
  authorization Authorization AUTHORIZATION Proxy-Authorization x-authorization
  cookie Cookie cookies Set-Cookie set-cookie setCookie
  secret Secret secrets x-interactly-secret X-INTERACTLY.AI-SECRET clientSecret client_secret
  key Key apiKey APIKey API-KEY api_key api.key apikey APIKEY apiKeys x-api-key X-Api-Key privateKey
  ocp-apim-subscription-key AWS_SECRET_ACCESS_KEY structuredKey
  token Token authToken auth_token x-auth-token accesstoken access_tokens refreshToken
  password Password dbPassword db-password passwords passphrase passwd DB_PASSWD
  credential credentials awsCredentials aws_credentials jwt userJwt x-jwt`
  .trim()
  .split(/\s+/u)
  .concat("structured key", "API key");

const harmless = `
  assistantMaxTokens maxTokens llmPromptTokens tokens tokenCount tokenizer token-type
  monkey Monkey monkey-business turkey keyboard keywords keys keyName hotkeys
  secretary secretariat passport passwordless compass cookieBanner authority author
  name url phoneNumber user-agent content-type webhook-signature welcomeMessage hints`
  .trim()
  .split(/\s+/u)
  .concat("", " ", "the key to it");

describe("a name", () => {
  test.each(sensitive)("%j is one of a secret", (name) => expect(isSensitive(name)).toBe(true));
  test.each(harmless)("%j is not one of a secret", (name) => expect(isSensitive(name)).toBe(false));
});

const inside = {
  type: "object",
  properties: { apiKey: { type: "string", description: "The caller's own" } },
};

describe("masking", () => {
  test.each<[string, unknown, unknown]>([
    ["a text", { secret: "abc" }, { secret: mask }],
    ["a text far inside", { a: { b: [{ c: { apiKey: "abc" } }] } }, { a: { b: [{ c: { apiKey: mask } }] } }],
    [
      "a header",
      { headers: { Authorization: "Bearer x", accept: "*/*" } },
      { headers: { Authorization: mask, accept: "*/*" } },
    ],
    ["a number", { key: 4711 }, { key: mask }],
    ["the number 0", { token: 0 }, { token: mask }],
    ["an object as a whole", { credentials: { user: "u", pin: "1" } }, { credentials: mask }],
    ["a list as a whole", { apiKeys: ["a", "b"] }, { apiKeys: mask }],
    ["a list of objects as a whole", { "set-cookie": [{ sid: "1" }] }, { "set-cookie": mask }],
    [
      "what only looks like a JSON Schema",
      { properties: { apiKey: { value: "abc" } } },
      { properties: { apiKey: mask } },
    ],
    [
      "a field of what is no object's JSON Schema",
      { properties: { key: { type: "abc", value: "def" } } },
      { properties: { key: mask } },
    ],
    [
      "what only looks like a field of a JSON Schema",
      { type: "object", properties: { key: { is: "abc" } } },
      { type: "object", properties: { key: mask } },
    ],
    [
      "a text among the fields of a JSON Schema",
      { type: "object", properties: { apiKey: "abc" } },
      { type: "object", properties: { apiKey: mask } },
    ],
    [
      "the values in a JSON Schema of a secret field",
      {
        type: "object",
        properties: { apiKey: { type: "string", default: "abc", anyOf: [{ const: "def" }] } },
      },
      { type: "object", properties: { apiKey: { type: "string", default: mask, anyOf: [{ const: mask }] } } },
    ],
  ])("hides %s", (_, given, shown) => {
    expect(maskSecrets(given)).toEqual(shown);
  });

  test.each<[string, unknown]>([
    ["no text", { secret: "" }],
    ["nothing", { secret: null }],
    ["an empty object", { credentials: {} }],
    ["an empty list", { cookies: [] }],
    ["yes and no", { secret: true, password: false }],
    ["a number of tokens", { assistantMaxTokens: 256 }],
    ["a JSON Schema with a field that is named as a secret", inside],
    ["a JSON Schema of something that may be missing", { ...inside, type: ["object", "null"] }],
    ["a text", "secret"],
    ["a number alone", 5],
    ["nothing at all", null],
    ["a list of texts", ["apiKey", "secret"]],
  ])("leaves %s", (_, given) => {
    expect(maskSecrets(given)).toEqual(given);
    expect(dropSecrets(given)).toEqual(given);
  });

  test("does not touch what it was given", () => {
    const given = Object.freeze({ secret: "abc", inner: Object.freeze({ token: "def" }) });
    maskSecrets(given);
    expect(given).toEqual({ secret: "abc", inner: { token: "def" } });
  });

  test("keeps a field that is named __proto__ a field", () => {
    const given: unknown = JSON.parse('{"__proto__": {"secret": "abc", "a": 1}}');
    const shown = maskSecrets(given);
    expect(JSON.stringify(shown)).toBe(`{"__proto__":{"secret":"${mask}","a":1}}`);
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
  });
});

describe("dropping", () => {
  test("takes the field out, text, number, list or object", () => {
    const given = {
      a: 1,
      key: "x",
      token: 5,
      cookies: ["x"],
      credentials: { b: 1 },
      list: [{ secret: "x", c: 2 }],
    };
    expect(dropSecrets(given)).toEqual({ a: 1, list: [{ c: 2 }] });
    expect(Object.keys(dropSecrets(given))).toEqual(["a", "list"]);
  });

  test("leaves the description of a field in a JSON Schema, without its values", () => {
    const schema = {
      type: "object",
      properties: { token: { type: "string", examples: ["abc"] } },
      required: ["token"],
    };
    expect(dropSecrets(schema)).toEqual({
      type: "object",
      properties: { token: { type: "string" } },
      required: ["token"],
    });
  });
});

describe("a mask that is sent back", () => {
  const tool = (name: string, secret: string) => ({
    name,
    server: { url: `https://${name}.example`, secret },
  });
  const wrap = (name: string, secret: string) => ({
    type: "function",
    function: { name },
    server: { secret },
  });
  const [a, b, c] = [tool("a", "secret of a"), tool("b", "secret of b"), tool("c", "secret of c")];
  const schema = (value: string) => ({
    type: "object",
    properties: { token: { type: "string", default: value } },
  });
  const masked = (name: string) => tool(name, mask);

  test.each<[string, unknown, unknown, unknown]>([
    ["keeps a text", { secret: mask }, { secret: "abc" }, { secret: "abc" }],
    ["keeps a number", { key: mask }, { key: 4711 }, { key: 4711 }],
    ["keeps an object", { credentials: mask }, { credentials: { a: 1 } }, { credentials: { a: 1 } }],
    ["keeps a list", { cookies: mask }, { cookies: ["a"] }, { cookies: ["a"] }],
    [
      "keeps a header beside a new one",
      { headers: { "x-api-key": mask, n: "1" } },
      { headers: { "x-api-key": "k" } },
      { headers: { "x-api-key": "k", n: "1" } },
    ],
    ["gives way to a new secret", { secret: "new" }, { secret: "abc" }, { secret: "new" }],
    ["is a text like any other under a harmless name", { name: mask }, { name: "abc" }, { name: mask }],
    ["stays where nothing is stored", { secret: mask }, {}, { secret: mask }],
    ["stays where nothing at all is stored", { a: { secret: mask } }, undefined, { a: { secret: mask } }],
    ["keeps nothing that is inherited", { toString: { secret: mask } }, {}, { toString: { secret: mask } }],
    ["keeps each tool's own", { tools: [masked("a"), masked("b")] }, { tools: [a, b] }, { tools: [a, b] }],
    [
      "follows a tool to another place",
      { tools: [masked("b"), masked("a")] },
      { tools: [a, b] },
      { tools: [b, a] },
    ],
    [
      "goes to no neighbour when a tool is taken out",
      { tools: [masked("b")] },
      { tools: [a, b] },
      { tools: [b] },
    ],
    [
      "goes to no neighbour when a tool is put in front",
      { tools: [c, masked("a")] },
      { tools: [a] },
      { tools: [c, a] },
    ],
    [
      "goes to no newcomer",
      { tools: [masked("c"), masked("a")] },
      { tools: [a, b] },
      { tools: [masked("c"), a] },
    ],
    [
      "stays with a tool that was renamed",
      { tools: [masked("a"), masked("c")] },
      { tools: [a, b] },
      { tools: [a, tool("c", "secret of b")] },
    ],
    [
      "knows a wrapped tool by its name",
      [wrap("b", mask)],
      [wrap("a", "1"), wrap("b", "2")],
      [wrap("b", "2")],
    ],
    [
      "knows an item by its id",
      [{ id: "2", key: mask }],
      [
        { id: "1", key: "x" },
        { id: "2", key: "y" },
      ],
      [{ id: "2", key: "y" }],
    ],
    [
      "keeps to its place where two have one name",
      { tools: [masked("a"), masked("a")] },
      { tools: [a, tool("a", "another")] },
      { tools: [a, tool("a", "another")] },
    ],
    [
      "keeps to its place in a list without names",
      [{ key: mask }, { key: mask }],
      [{ key: "x" }, { key: "y" }],
      [{ key: "x" }, { key: "y" }],
    ],
    [
      "stays when a list without names has changed its length",
      [{ key: mask }],
      [{ key: "x" }, { key: "y" }],
      [{ key: mask }],
    ],
    ["keeps what a JSON Schema holds", schema(mask), schema("x"), schema("x")],
  ])("%s", (_, sent, stored, kept) => {
    expect(unmaskSecrets(sent, stored)).toEqual(kept);
  });
});

describe("whatever is stored", () => {
  const name = fc.oneof(fc.constantFrom(...sensitive), fc.constantFrom(...harmless), fc.string());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("tree"), { maxLength: 4 }),
      tie("fields"),
    ),
    fields: fc.dictionary(name, tie("tree"), { maxKeys: 5 }),
  }));

  test("sent back as it was shown, it is what it was", () => {
    fc.assert(
      fc.property(tree, (stored) => {
        expect(unmaskSecrets(maskSecrets(stored), stored)).toEqual(stored);
      }),
    );
  });

  test("masking twice is masking once, and what is masked has nothing more to drop than masks", () => {
    fc.assert(
      fc.property(tree, (stored) => {
        expect(maskSecrets(maskSecrets(stored))).toEqual(maskSecrets(stored));
        expect(dropSecrets(maskSecrets(stored))).toEqual(dropSecrets(stored));
      }),
    );
  });

  test("a secret planted under a sensitive name is neither shown nor told", () => {
    const planted = fc.constantFrom<unknown>("S3CR3T", ["S3CR3T"], { any: "S3CR3T" }, [
      [{ deep: { er: "S3CR3T" } }],
    ]);
    const names = fc.array(fc.oneof(name, fc.constant("properties")), { maxLength: 6 });
    const secret = fc.record({ under: fc.constantFrom(...sensitive), secret: planted });
    fc.assert(
      fc.property(secret, names, tree, ({ under, secret: hidden }, path, beside) => {
        fc.pre(!JSON.stringify(beside).includes("S3CR3T"));
        const around = (inner: unknown, one: string): unknown =>
          one.length % 2 === 0 ? { beside, [one]: inner } : [inner];
        const whole = path.reduce<unknown>(around, { [under]: hidden });
        expect(JSON.stringify(maskSecrets(whole))).not.toContain("S3CR3T");
        expect(JSON.stringify(dropSecrets(whole))).not.toContain("S3CR3T");
      }),
    );
  });
});
