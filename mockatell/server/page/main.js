// Joins the page's parts, follows the address, and says whether the sidecar is there.

import { Api } from "./api.js";
import { Clock } from "./clock.js";
import { Compose } from "./compose.js";
import { Conversations } from "./conversations.js";
import { Deliveries } from "./deliveries.js";
import { askToken } from "./dialogs.js";
import { byId, tell } from "./dom.js";
import { Faults } from "./faults.js";
import { Feed } from "./feed.js";
import { Findings } from "./findings.js";
import { Inspector } from "./inspector.js";
import { Keys } from "./keys.js";
import { Notices } from "./notices.js";
import { Route } from "./route.js";
import { Runs } from "./runs.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { Theme } from "./theme.js";
import { duration, number } from "./words.js";

const store = new Store();
const route = new Route();
const notices = new Notices();
const api = new Api(askToken);
const onTrouble = (error) => error.status !== 0 && notices.warn(error); // a lost link says so itself
const sync = new Sync(api, store, onTrouble);
const composing = new Compose({ api, store, route, notices });
const compose = (known) => composing.open(known instanceof Event ? {} : known);

const section = (view) => byId(`view-${view}`);
const views = {
  deliveries: new Deliveries(section("deliveries"), { api, store, route, compose, onTrouble }),
  conversations: new Conversations(section("conversations"), {
    api,
    store,
    route,
    compose,
    notices,
  }),
  runs: new Runs(section("runs"), { api, store, notices }),
  faults: new Faults(section("faults"), { api, store, notices }),
  findings: new Findings(section("findings"), { api, store, route, notices }),
};
const inspector = new Inspector(byId("inspector"), {
  api,
  store,
  route,
  notices,
  onClose: () => route.view === "deliveries" && views.deliveries.grid.focus(),
});
const clock = new Clock({ api, store, notices });
const theme = new Theme(byId("theme"));
const search = () => views[route.view].focusSearch?.();
const numbered = Object.keys(views).map((view, index) => [String(index + 1), () => route.go(view)]);
const keys = new Keys(
  {
    "/": search,
    "?": () => keys.help(),
    c: () => compose(),
    r: () => inspector.redeliver(),
    p: () => clock.toggle(),
    t: () => theme.toggle(),
    ...Object.fromEntries(numbered),
  },
  () =>
    inspector.isOpen
      ? inspector.close()
      : route.view === "deliveries" && views.deliveries.clearFilters(),
);

function show() {
  for (const view of Object.keys(views)) {
    section(view).hidden = view !== route.view;
    const link = document.querySelector(`.views a[data-view="${view}"]`);
    if (view === route.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${route.view[0].toUpperCase()}${route.view.slice(1)} · mockatell`;
  inspector.show();
  views[route.view].show();
}

function count() {
  const { messages, deliveries, pending, in_flight: flying, faults } = store.overview;
  const counts = {
    deliveries: number(deliveries),
    conversations: talks(messages),
    runs: store.runs.size || "",
    faults: faults.length ? `${faults.length} on` : "",
  };
  for (const [view, text] of Object.entries(counts))
    tell(document.querySelector(`.views a[data-view="${view}"] b`), String(text));
  tell(byId("standing"), `${number(pending)} pending, ${number(flying)} in flight`);
}

/** How many conversations are known; there may be more, where not all messages are loaded. */
function talks(messages) {
  const more = messages > store.messages.size ? "+" : "";
  return store.conversations ? `${number(store.conversations)}${more}` : "";
}

function linkSays(state, word) {
  byId("link").dataset.state = state;
  tell(byId("link-word"), word);
}

async function onState(state, wait) {
  if (state === "lost") {
    if (byId("link").dataset.state === "live")
      notices.say("The sidecar is gone; trying again until it is back.");
    linkSays("lost", `Disconnected, trying again in ${duration(wait / 1000)}`);
    return;
  }
  const back = byId("link").dataset.state === "lost";
  try {
    await load();
    linkSays("live", "Live");
    if (back) notices.say("The sidecar is back.");
  } catch (error) {
    onTrouble(error);
  }
}

async function load() {
  views.deliveries.forget();
  await sync.reload();
}

async function onChange(change) {
  if (change.type === "reset") await load().catch(onTrouble);
  else sync.take(change);
}

store.on("overview", count);
store.on("runs", () => store.overview && count());
route.addEventListener("change", show);
byId("open-compose").addEventListener("click", () => compose());
byId("open-help").addEventListener("click", () => keys.help());
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  if (route.view === "deliveries") views.deliveries.grid.focus();
  else byId("main").focus();
});
show();
new Feed(api, { onChange, onState }).follow();
