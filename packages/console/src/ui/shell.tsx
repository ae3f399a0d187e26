import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouter } from "@tanstack/react-router";
import { Icon, type IconName } from "./icon.tsx";
import { Mark } from "./mark.tsx";
import { server } from "./server.ts";
import { type Theme, useTheme } from "./theme.ts";

const places = [
  { to: "/", name: "Overview", icon: "overview" },
  { to: "/calls", name: "Calls", icon: "calls" },
  { to: "/talk", name: "Talk", icon: "talk" },
  { to: "/deliveries", name: "Deliveries", icon: "deliveries" },
  { to: "/assistants", name: "Assistants", icon: "assistants" },
  { to: "/tools", name: "Tools", icon: "tools" },
] as const satisfies readonly { to: string; name: string; icon: IconName }[];

/** What is around every page: where one can go, and the way out. */
export function Shell() {
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only rounded-md bg-panel focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:p-2"
      >
        Skip to the page
      </a>
      <header className="flex shrink-0 items-center justify-between gap-2 border-line px-3 py-2 max-md:border-b max-md:bg-panel md:w-52 md:flex-col md:items-stretch md:border-r md:py-4">
        <div className="flex flex-col gap-5">
          <p className="flex items-center gap-2 px-1 text-base font-semibold">
            <Mark className="size-6" /> Offhook
          </p>
          <div className="max-md:hidden">
            <Places />
          </div>
        </div>
        <Doors />
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="relative flex min-h-0 min-w-0 flex-1 flex-col overflow-hidden outline-none"
      >
        <Outlet />
      </main>
      <div className="shrink-0 border-t border-line bg-panel md:hidden">
        <Places />
      </div>
    </div>
  );
}

function Places() {
  return (
    <nav aria-label="Pages" className="flex gap-0.5 max-md:justify-around md:flex-col">
      {places.map(({ to, name, icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          activeProps={{ className: "bg-accent-wash text-accent!", "aria-current": "page" }}
          className="flex items-center gap-2.5 rounded-lg px-2.5 py-1.5 font-medium text-soft hover:bg-sunken hover:text-ink max-md:min-h-12 max-md:min-w-0 max-md:flex-1 max-md:flex-col max-md:gap-0.5 max-md:rounded-none max-md:px-0.5 max-md:text-tiny"
        >
          <Icon name={icon} /> {name}
        </Link>
      ))}
    </nav>
  );
}

const themeNames: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

function Doors() {
  const [theme, nextTheme] = useTheme();
  const queries = useQueryClient();
  const router = useRouter();
  const leave = async (): Promise<void> => {
    await server.session.signOut();
    queries.clear();
    await router.navigate({ to: "/sign-in", search: { to: undefined } });
  };
  const look =
    "flex items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-soft hover:bg-sunken hover:text-ink max-md:min-h-9";
  return (
    <div className="flex md:flex-col">
      <button type="button" className={look} onClick={nextTheme}>
        <Icon name={theme === "dark" ? "dark" : "light"} />
        <span className="max-md:sr-only">
          <span className="sr-only">Colours: </span>
          {themeNames[theme]}
        </span>
      </button>
      <button type="button" className={look} onClick={() => void leave()}>
        <Icon name="leave" /> <span className="max-md:sr-only">Sign out</span>
      </button>
    </div>
  );
}
