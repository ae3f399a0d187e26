import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openRouter } from "./router.tsx";
import { openQueries } from "./ui/server.ts";
import { applyKeptTheme } from "./ui/theme.ts";
import "./style.css";

applyKeptTheme();

const place = document.getElementById("page");
if (place === null) throw new Error("the page has no place for itself");

const queries = openQueries(() => {
  queries.clear();
  void router.navigate({ to: "/sign-in", search: { to: router.state.location.href } });
});
const router = openRouter(queries);

createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
