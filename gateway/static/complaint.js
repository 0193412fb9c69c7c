// Shows the complaint form step by step, and asks the server for matches and figures while one
// types. Without this script the same form is one long page with buttons for both.
"use strict";
(() => {
  const form = document.getElementById("complaint");
  if (!form) return;
  const words = form.dataset;
  const field = (id) => document.getElementById(id);
  const later = (work, wait) => {
    let timer = 0;
    return (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => work(...given), wait);
    };
  };
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Who: matches as one types; choosing one fills in number, name and unit.

  const list = document.createElement("ul");
  list.className = "suggestions";
  list.hidden = true;
  const told = document.createElement("p");
  told.className = "hint";
  told.setAttribute("role", "status");
  let asked = 0;

  function choose(match) {
    field("badge").value = match.badge;
    field("staff_name").value = match.name;
    field("unit").value = match.unit;
    if (match.window) field("place").value = match.window;
    list.hidden = true;
    field("found")?.remove();
    told.textContent = [match.name, match.post, match.unit_name].filter(Boolean).join(" · ");
    field("badge").focus();
  }

  function suggest(matches, input) {
    list.replaceChildren(...matches.map((match) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      const more = document.createElement("span");
      button.type = "button";
      button.textContent = `${match.name} ${match.badge}`;
      more.className = "hint";
      more.textContent = [match.post, match.unit_name, match.window].filter(Boolean).join(" · ");
      button.append(more);
      button.addEventListener("click", () => choose(match));
      item.append(button);
      return item;
    }));
    list.hidden = matches.length === 0;
    told.textContent = matches.length ? say(words.some, { n: matches.length }) : words.none;
    input.closest(".group").append(list, told);
  }

  // A unit narrows what was typed; alone it shows whom one may meet there.
  const person = ["badge", "staff_name", "place"];
  const said = () => person.map((id) => field(id).value.trim()).find(Boolean) ?? "";

  const look = later(async (input) => {
    const mine = ++asked;
    field("found")?.remove();
    const unit = field("unit").value;
    const typed = input.id === "unit" ? said() : input.value.trim();
    if (!typed && !(unit && input.id === "unit")) { list.hidden = true; told.textContent = ""; return; }
    const query = new URLSearchParams({ q: typed, unit });
    try {
      const answer = await fetch(`/complaints/lookup?${query}`);
      if (answer.ok && mine === asked) suggest(await answer.json(), input);
    } catch { /* offline: what was typed is kept and looked up when it is sent */ }
  }, 150);
  for (const id of [...person, "unit"]) {
    field(id).addEventListener("input", (event) => look(event.target));
    field(id).addEventListener("keydown", (event) => {
      if (event.key === "Escape") list.hidden = true;
    });
  }
  field("find").hidden = true;

  // A missed limit: figures as soon as there is enough to work them out.

  let counted = 0;
  const figures = later(async () => {
    const mine = ++counted;
    const query = new URLSearchParams();
    for (const id of ["matter", "receipt_number", "accepted_on"]) query.set(id, field(id).value);
    if (!query.get("receipt_number") && !(query.get("matter") && query.get("accepted_on"))) {
      field("figures").replaceChildren(); // the old ones are about something else
      return;
    }
    try {
      const answer = await fetch(`/complaints/limit?${query}`);
      const shown = await answer.text();
      if (!answer.ok || mine !== counted) return;
      field("figures").innerHTML = shown;
      const known = field("figures").querySelector("[data-matter]");
      if (known && !field("matter").value) field("matter").value = known.dataset.matter;
    } catch { /* offline: worked out when it is sent */ }
  }, 300);
  for (const id of ["matter", "receipt_number", "accepted_on"]) {
    field(id).addEventListener("input", figures);
  }
  field("count").hidden = true;

  // How much may still be written.

  const text = field("text");
  const left = document.createElement("p");
  left.className = "hint";
  text.after(left);
  const count = () => { left.textContent = say(words.left, { n: text.maxLength - text.value.length }); };
  text.addEventListener("input", count);
  count();

  // Step by step.

  const steps = [...form.querySelectorAll(".step")];
  const progress = document.createElement("p");
  progress.className = "progress";
  const lead = document.querySelector("main > .lead");
  let at = 0;

  function button(label, kind, work) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.textContent = label;
    made.addEventListener("click", work);
    return made;
  }

  function show(index, focus) {
    at = Math.max(0, Math.min(index, steps.length - 1));
    steps.forEach((step, place) => { step.hidden = place !== at; });
    progress.textContent = say(words.step, { at: at + 1, of: steps.length });
    steps[at].before(progress);
    lead.hidden = at > 0;
    if (at === steps.length - 1) check();
    if (focus) {
      steps[at].querySelector("h2").focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }

  // The last step shows what the server understood; files stay where they are.
  let checked = 0;
  async function check() {
    const mine = ++checked;
    const data = new FormData(form);
    data.delete("files");
    data.set("do", "check");
    const box = field("summary");
    try {
      const answer = await fetch("/complaints/new", { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== checked) return;
      const wanted = answer.ok ? "#checked" : "#error-summary, main > .notice-warn";
      const found = page.querySelector(wanted);
      box.replaceChildren(...(found ? [document.adoptNode(found)] : []));
      box.querySelectorAll("a[href^='#']").forEach(follow);
    } catch { box.replaceChildren(); }
  }

  function follow(link) {
    link.addEventListener("click", (event) => {
      const target = field(link.hash.slice(1));
      const place = steps.findIndex((step) => target && step.contains(target));
      if (place < 0) return;
      event.preventDefault();
      show(place, false);
      target.closest("details")?.setAttribute("open", "");
      target.focus();
    });
  }

  // Enter goes on, as the button below does; else it would press the form's first button. Within
  // a word that is still being composed it belongs to the keyboard of Chinese characters.
  form.addEventListener("keydown", (event) => {
    const field = event.target.matches("input:not([type=file])");
    if (event.key !== "Enter" || event.isComposing || !field || at === steps.length - 1) return;
    event.preventDefault();
    show(at + 1, true);
  });

  steps.forEach((step, place) => {
    const row = step.querySelector(":scope > .actions") ?? document.createElement("div");
    row.className = "actions";
    if (place < steps.length - 1) {
      row.append(button(words.next, "button", () => show(at + 1, true)));
    }
    if (place > 0) row.append(button(words.back, "link-button", () => show(at - 1, true)));
    step.append(row);
  });
  field("check").hidden = true;
  form.classList.add("wizard");
  document.querySelectorAll("#error-summary a[href^='#']").forEach(follow);
  // What is to be mended comes first; what could only not be stored is all there to be sent again.
  const wrong = steps.findIndex((step) => step.querySelector("[aria-invalid], .error, #matches, .again"));
  const unsent = document.querySelector("main > .notice-warn") ? steps.length - 1 : 0;
  show(wrong < 0 ? unsent : wrong, false);

  // One press is one complaint; the server knows a second one too.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.id === "send") setTimeout(() => { field("send").disabled = true; }, 0);
  });
  window.addEventListener("pageshow", () => { field("send").disabled = false; });
})();
