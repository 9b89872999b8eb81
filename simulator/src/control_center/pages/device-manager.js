// The Device Manager: the token of the Magic Link, the last part of the address, is exchanged for a
// session, which stays in this page's memory.
const element = (id) => document.getElementById(id);
const app = "HYPRDefaultApplication";
let session;
let current;

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (session) headers.Authorization = `Bearer ${session}`;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw Object.assign(new Error((await answer.json()).errorText), { status: answer.status });
  return answer;
}

const json = async (...request) => (await call(...request)).json();

function tell(text, bad = false) {
  element("note").textContent = text;
  element("note").classList.toggle("bad", bad);
}

function attempt(what) {
  return async () => {
    try {
      await what();
    } catch (error) {
      tell(error.status === 401 ? "Your session has ended. Open the link again." : error.message, true);
    }
  };
}

async function list() {
  const { devices } = await json("GET", "/dm/api/devices");
  element("none").hidden = devices.length > 0;
  element("devices").replaceChildren(...devices.map((device) => {
    const row = document.createElement("tr");
    const added = new Date(device.registeredAt * 1000).toLocaleString();
    for (const text of [device.deviceName, device.computers.join(", "), added]) {
      row.insertCell().textContent = text;
    }
    const remove = document.createElement("button");
    remove.textContent = "Remove";
    remove.onclick = attempt(async () => {
      if (!confirm(`Remove ${device.deviceName}?`)) return;
      await call("DELETE", `/dm/api/devices/${encodeURIComponent(device.deviceId)}`);
      await list();
      tell("The phone was removed.");
    });
    row.insertCell().append(remove);
    return row;
  }));
}

// Shows a code and waits until a phone has answered it; a newer code takes the place of this one.
async function add(typed) {
  const created = await json("POST", "/rp/versioned/client/qr/create", { rpAppId: app, includeQRFallbackCode: typed });
  current = created.requestId;
  const svg = await (await call("POST", "/dm/api/picture", { text: created.qrCode })).blob();
  URL.revokeObjectURL(element("picture").src);
  element("picture").src = URL.createObjectURL(svg);
  element("code").textContent = created.qrFallbackActivationCode ?? "";
  element("address").textContent = location.host;
  element("typed").hidden = !typed;
  element("show-code").hidden = typed;
  element("left").textContent = `The code can be used until ${new Date(created.expiresAt * 1000).toLocaleTimeString()}.`;
  element("adding").hidden = false;
  tell("");
  let state = "PENDING";
  while (state === "PENDING" && current === created.requestId) {
    ({ state } = await json("GET", `/rp/versioned/client/qr/${created.requestId}?wait=25`));
  }
  if (current !== created.requestId) return;
  element("adding").hidden = true;
  await list();
  tell({
    COMPLETED: "Your phone was added.",
    CANCELED: "The phone gave up. Nothing was added.",
    EXPIRED: "The code has ended. Add a login method again for a new one.",
  }[state], state !== "COMPLETED");
}

element("add").onclick = attempt(() => add(false));
element("show-code").onclick = attempt(() => add(true));

await attempt(async () => {
  const token = location.pathname.split("/").pop();
  let opened;
  try {
    opened = await json("POST", "/dm/api/session", { token });
  } catch (error) {
    const ended = error.status === 410 || error.status === 401;
    throw ended ? new Error("This link is not valid any more. Ask your administrator for a new one.") : error;
  }
  session = opened.sessionToken;
  element("user").textContent = opened.username;
  await list();
  element("main").hidden = false;
  tell("");
})();
