/* What the page does by itself: keys, drafts, clocks, and buttons inside rendered text. */
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  const field = (id) => $(`#${id} textarea, #${id} input`);

  const fill = (box, text) => {
    const kind = box.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const later = (action, ms) => window.setTimeout(action, ms);

  // Enter that picks a Chinese word out of the input method's list must not send anything. Some
  // browsers end the composition before they report the key, hence the short memory.
  let composedAt = -Infinity;
  document.addEventListener("compositionend", (event) => { composedAt = event.timeStamp; }, true);
  const composing = (event) =>
    event.isComposing || event.keyCode === 229 || event.timeStamp - composedAt < 80;
  const guard = (event) => {
    if (event.key !== "Enter") return;
    if (composing(event)) { event.stopImmediatePropagation(); return; }
    if (event.type !== "keydown" || !(event.ctrlKey || event.metaKey)) return;
    const send = { question: "ask-send", answer: "submit", "dispute-words": "dispute-explain" };
    for (const [box, button] of Object.entries(send)) {
      if (event.target === field(box)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        $(`#${button}`)?.click();
      }
    }
  };
  for (const type of ["keydown", "keypress", "keyup"]) window.addEventListener(type, guard, true);

  // Words typed but not sent survive a reload.
  const drafts = ["question", "answer"];
  const restored = new Set();
  const keepDrafts = () => {
    for (const id of drafts) {
      const box = field(id);
      if (!box) continue;
      const key = `interview-tutor-draft-${id}`;
      if (!restored.has(box)) {
        restored.add(box);
        const kept = sessionStorage.getItem(key);
        if (kept && !box.value) { fill(box, kept); continue; }
      }
      if ((sessionStorage.getItem(key) || "") !== box.value) sessionStorage.setItem(key, box.value);
    }
  };

  // Clocks count on from the seconds in their id: clock-<turn>-<seconds used>.
  const seen = new Map();
  const tick = () => {
    for (const item of document.querySelectorAll("[id^='clock-'], [id^='nudge-']")) {
      if (!seen.has(item.id)) { seen.set(item.id, performance.now()); }
      const past = Math.floor((performance.now() - seen.get(item.id)) / 1000);
      const [name, , ...rest] = item.id.split("-");
      const seconds = Number(rest.join("-"));
      if (name === "nudge") { item.classList.toggle("shown", past >= seconds); continue; }
      const used = seconds + past;
      item.textContent = `${Math.floor(used / 60)}:${String(used % 60).padStart(2, "0")}`;
    }
  };
  // A new question goes to the top of the conversation, so that its answer is read from the start.
  let asked = 0;
  const follow = () => {
    const mine = document.querySelectorAll("#chat .mine");
    if (mine.length > asked) {
      const scroller = $("#chat .bubble-wrap");
      const last = mine[mine.length - 1];
      const row = last.closest(".message-row") || last;
      scroller?.scrollTo({ top: row.offsetTop - 12, behavior: "smooth" });
    }
    asked = mine.length;
  };
  window.setInterval(() => { keepDrafts(); tick(); follow(); }, 400);

  const openSource = (name) => {
    const source = document.getElementById(name);
    if (!source) return;
    source.open = true;
    source.scrollIntoView({ behavior: "smooth", block: "nearest" });
    source.classList.add("flash");
    later(() => source.classList.remove("flash"), 1500);
  };

  const copyReply = async (button) => {
    const reply = button.closest(".reply");
    // On the page a mark is a raised number; in plain text it needs its brackets.
    const marks = [...reply.querySelectorAll(".answer-text a.cite")];
    for (const mark of marks) mark.textContent = `[${mark.textContent}]`;
    const lines = [reply.querySelector(".answer-text")?.innerText.trim() || ""];
    for (const mark of marks) mark.textContent = mark.textContent.slice(1, -1);
    for (const source of reply.querySelectorAll(".source")) {
      const head = source.querySelector("summary");
      const words = [...head.children].map((part) => part.innerText.trim());
      lines.push(`[${words[0]}] ${words.slice(1).join(" — ")}`);
      const quote = source.querySelector(".quote");
      if (quote) lines.push(quote.textContent.trim().replace(/\s+/g, " "));
    }
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
    } catch {
      const box = document.createElement("textarea");
      box.value = lines.join("\n");
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    button.classList.add("done");
    later(() => button.classList.remove("done"), 1500);
  };

  // The list of questions the notes don't answer stands folded at the end of the last tab.
  const openGaps = () => {
    document.querySelectorAll('[role="tab"]')[3]?.click();
    // A busy machine shows the tab late, and what is not there cannot be opened.
    const open = (tries) => {
      const fold = $("#fold-gaps");
      const head = fold?.querySelector("button");
      if (!head?.offsetParent) {
        if (tries) later(() => open(tries - 1), 100);
        return;
      }
      if (!$("#gaps-save")?.offsetParent) head.click();
      fold.scrollIntoView({ behavior: "smooth", block: "start" });
      head.focus({ preventScroll: true });
    };
    later(() => open(600), 300);
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const cite = target?.closest("a.cite");
    if (cite) {
      event.preventDefault();
      openSource((cite.getAttribute("href") || "").replace(/^.*#/, ""));
      return;
    }
    const button = target?.closest("button");
    if (!button) return;
    if (button.classList.contains("chip")) {
      fill(field("question"), button.textContent);
      later(() => $("#ask-send")?.click(), 60);
    } else if (button.classList.contains("copy")) {
      copyReply(button);
    } else if (button.classList.contains("to-gaps")) {
      openGaps();
    } else if (button.classList.contains("dispute")) {
      fill(field("dispute-target"), button.id);
      later(() => $("#dispute-panel")?.scrollIntoView({ behavior: "smooth", block: "center" }), 500);
    } else if (button.id === "theme") {
      const dark = document.body.classList.toggle("dark");
      localStorage.setItem("interview-tutor-theme", dark ? "dark" : "light");
    }
  });

  const theme = () => {
    const kept = localStorage.getItem("interview-tutor-theme");
    if (kept) document.body.classList.toggle("dark", kept === "dark");
  };
  document.addEventListener("DOMContentLoaded", () => { theme(); later(theme, 400); later(theme, 1500); });
})();
