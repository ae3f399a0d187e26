export { type App, openApp } from "./app.ts";
export { type Config, ConfigError, type Env, readEnv, toConfig, variables } from "./config.ts";
export { StoreError } from "./store.ts";
