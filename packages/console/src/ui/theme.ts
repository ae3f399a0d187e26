import { useState } from "react";

const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
const kept = "offhook-theme";

function read(): Theme {
  const found = localStorage.getItem(kept);
  return themes.find((theme) => theme === found) ?? "system";
}

function apply(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}

/** Before the first paint, so that nothing flashes. */
export function applyKeptTheme(): void {
  apply(read());
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(read);
  const next = (): void => {
    const following = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
    localStorage.setItem(kept, following);
    apply(following);
    setTheme(following);
  };
  return [theme, next];
}
