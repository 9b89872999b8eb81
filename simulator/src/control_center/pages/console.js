// The administrator's page. The token stays in this page's memory.
const element = (id) => document.getElementById(id);
const fields = [
  ["enabled", "Offline PINs"],
  ["length", "Characters of a PIN"],
  ["count", "PINs of a set"],
  ["validDays", "Days that a set lives"],
  ["displaySecs", "Seconds that a PIN is shown"],
  ["promptThresholdPct", "Warn at this percentage left"],
  ["maxFailures", "Wrong PINs that destroy the sets"],
];
const size = 20;
let token;
let page = 0;
let settings;

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.errorText);
  return said;
}

function tell(text, bad = false) {
  element("note").textContent = text;
  element("note").classList.toggle("bad", bad);
}

function attempt(what) {
  return async () => {
    try {
      tell("");
      await what();
    } catch (error) {
      tell(error.message, true);
    }
  };
}

const app = () => encodeURIComponent(element("app").value);

function rows(id, list) {
  element(id).replaceChildren(...list.map((cells) => {
    const row = document.createElement("tr");
    for (const cell of cells) row.insertCell().append(cell);
    return row;
  }));
}

async function events() {
  const { metadata, data } =
    await call("GET", `/cc/api/versioned/audit/search?rpAppId=${app()}&pageSize=${size}&pageNumber=${page}`);
  rows("events", data.map((event) =>
    [new Date(event.eventTimeInUTC).toLocaleString(), event.eventName, event.message, event.machineId ?? ""]));
  element("newer").disabled = page === 0;
  element("older").disabled = page + 1 >= metadata.totalPages;
  element("page").textContent = `${metadata.totalRecords} events, page ${page + 1} of ${Math.max(metadata.totalPages, 1)}`;
}

async function users() {
  const { users } = await call("GET", "/cc/api/versioned/rpUser");
  rows("users", users.map((user) => {
    const remove = document.createElement("button");
    remove.textContent = "Forget";
    remove.onclick = attempt(async () => {
      if (!confirm(`Forget ${user.username} with all phones and passkeys?`)) return;
      await call("DELETE", `/cc/api/versioned/rpUser/${encodeURIComponent(user.username)}`);
      await show();
    });
    return [user.username, String(user.passkeys), String(user.devices), remove];
  }));
}

function field(name, text, value) {
  const input = document.createElement("input");
  input.name = name;
  input.type = typeof value === "boolean" ? "checkbox" : "number";
  if (typeof value === "boolean") input.checked = value;
  else input.value = value;
  const label = document.createElement("label");
  label.append(text, " ", input);
  return label;
}

async function loadSettings() {
  settings = await call("GET", `/cc/api/appconfig/workstation?rpAppId=${app()}`);
  element("settings").replaceChildren(
    field("presence", "Require user presence for registration", settings.requireUserPresenceForRegistration),
    field("counts", "These phones count for workstations", "workstationRpAppId" in settings),
    ...fields.map(([name, text]) => field(name, text, settings.offline[name])),
  );
}

async function saveSettings() {
  const input = (name) => element("settings").querySelector(`[name="${name}"]`);
  for (const [name] of fields) {
    settings.offline[name] = input(name).type === "checkbox" ? input(name).checked : Number(input(name).value);
  }
  settings.requireUserPresenceForRegistration = input("presence").checked;
  if (input("counts").checked) settings.workstationRpAppId = "HYPRDefaultWorkstationApplication";
  else delete settings.workstationRpAppId;
  await call("PUT", `/cc/api/appconfig/workstation?rpAppId=${app()}`, settings);
  tell("The settings were saved.");
}

async function show() {
  await Promise.all([events(), users(), loadSettings()]);
}

const turn = (by) => attempt(async () => {
  page = Math.max(page + by, 0);
  await events();
});

element("enter").onclick = attempt(async () => {
  token = element("token").value.trim();
  await show();
  element("token").value = "";
  element("entrance").hidden = true;
  element("main").hidden = false;
});
element("app").onchange = attempt(async () => {
  page = 0;
  await show();
});
element("newer").onclick = turn(-1);
element("older").onclick = turn(1);
element("save").onclick = attempt(saveSettings);
element("link").onclick = attempt(async () => {
  const { magicLink } = await call("POST", "/cc/api/magiclink", { email: element("email").value.trim() });
  element("made").textContent = magicLink;
});
