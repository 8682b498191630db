// Writes `typing.bin`: the updates of real editing sessions, as TipTap with Yjs makes them.
//
//   npm i --legacy-peer-deps yjs@13 y-protocols jsdom @tiptap/{core,starter-kit,y-tiptap} \
//     @tiptap/extension-{collaboration,table,image,superscript,subscript,text-style,text-align}
//   node typing.mjs typing.bin
//
// The file is a row of records: length (u32, little endian), client id (u32, little endian), then so many bytes of a
// v1 update. Length 0 begins another document. Same seed, same bytes, as long as the packages stay the same.
import { writeFileSync } from 'node:fs'
import { JSDOM } from 'jsdom'

const dom = new JSDOM('<!doctype html><body><div id="a"></div></body>', { pretendToBeVisual: true })
for (const name of ['window', 'document', 'Node', 'Element', 'HTMLElement', 'MutationObserver', 'DOMParser', 'Range',
  'Selection', 'getComputedStyle', 'requestAnimationFrame', 'cancelAnimationFrame', 'innerHeight', 'Text', 'Event', 'KeyboardEvent']) {
  globalThis[name] = name === 'window' ? dom.window : dom.window[name]
}
Object.defineProperty(globalThis, 'navigator', { value: dom.window.navigator, configurable: true })
dom.window.Range.prototype.getClientRects = () => []
dom.window.Range.prototype.getBoundingClientRect = () => ({ left: 0, right: 0, top: 0, bottom: 0 })
dom.window.document.elementFromPoint = () => null

const Y = await import('yjs')
const { Editor, Node, Mark } = await import('@tiptap/core')
const { StarterKit } = await import('@tiptap/starter-kit')
const { Collaboration } = await import('@tiptap/extension-collaboration')
const { TableKit } = await import('@tiptap/extension-table')
const { Image } = await import('@tiptap/extension-image')
const { Superscript } = await import('@tiptap/extension-superscript')
const { Subscript } = await import('@tiptap/extension-subscript')
const { TextStyle } = await import('@tiptap/extension-text-style')
const { TextAlign } = await import('@tiptap/extension-text-align')

const SmallCaps = Mark.create({ name: 'smallCaps', excludes: '', renderHTML: () => ['span', { class: 'sc' }, 0] })
const SceneBreak = Node.create({ name: 'sceneBreak', group: 'block', renderHTML: () => ['hr', { class: 'scene' }] })
const FootnoteReference = Node.create({
  name: 'footnoteReference', group: 'inline', inline: true, atom: true,
  addAttributes: () => ({ id: { default: null }, number: { default: null } }),
  renderHTML: () => ['sup', 'n']
})
const Footnote = Node.create({
  name: 'footnote', content: 'paragraph+', addAttributes: () => ({ id: { default: null }, number: { default: null } }),
  renderHTML: () => ['li', 0]
})
const Footnotes = Node.create({ name: 'footnotes', group: 'block', content: 'footnote+', renderHTML: () => ['ol', 0] })

let seed = 20_260
const random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 4_294_967_296
}
const below = (n) => Math.floor(random() * n)
const pick = (list) => list[below(list.length)]

const out = []
const record = (bytes, client) => {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(bytes.length, 0)
  head.writeUInt32LE(client, 4)
  out.push(head, Buffer.from(bytes))
}

const open = (doc) => new Editor({
  element: dom.window.document.createElement('div'),
  extensions: [
    StarterKit.configure({ undoRedo: false }), Collaboration.configure({ document: doc }), TableKit, Image.configure({ inline: false }),
    Superscript, Subscript, TextStyle, TextAlign.configure({ types: ['heading', 'paragraph'] }),
    SmallCaps, SceneBreak, FootnoteReference, Footnote, Footnotes
  ]
})

const WORDS = ['sea', 'whale', 'naïve', 'Ishmael', '鯨', 'кит', '🐳', '👩‍🚀', 'rope', 'a', 'I', '"quoted"', 'e\u0301', 'x\\y']
const LINKS = ['https://example.org/a?b=c#d', 'http://example.org', 'mailto:ann@example.org', '#note-1', '/chapter/2']

const spot = (editor) => 1 + below(Math.max(1, editor.state.doc.content.size - 1))
const select = (editor) => {
  const from = spot(editor)
  editor.commands.setTextSelection({ from, to: Math.min(editor.state.doc.content.size - 1, from + below(14)) })
}
const type = (editor) => { for (const key of pick(WORDS) + ' ') editor.commands.insertContent({ type: 'text', text: key }) }
const ACTS = [
  ...Array(9).fill(type), type,
  (e) => e.commands.setTextSelection(spot(e)),
  (e) => e.commands.enter(), (e) => e.commands.splitBlock(),
  (e) => { select(e); e.commands.deleteSelection() },
  (e) => { select(e); e.commands.toggleBold() }, (e) => { select(e); e.commands.toggleItalic() },
  (e) => { select(e); e.commands.toggleUnderline() }, (e) => { select(e); e.commands.toggleStrike() },
  (e) => { select(e); e.commands.toggleCode() }, (e) => { select(e); e.commands.toggleMark('smallCaps') },
  (e) => { select(e); e.commands.toggleSuperscript() }, (e) => { select(e); e.commands.toggleSubscript() },
  (e) => { select(e); e.commands.setLink({ href: pick(LINKS), title: 'a "title"', target: '_blank' }) },
  (e) => { select(e); e.commands.unsetLink() },
  (e) => e.commands.toggleHeading({ level: 1 + below(3) }), (e) => e.commands.setTextAlign(pick(['left', 'center'])),
  (e) => e.commands.toggleBulletList(), (e) => e.commands.toggleOrderedList(), (e) => e.commands.toggleBlockquote(),
  (e) => e.commands.toggleCodeBlock({ language: 'rust' }), (e) => e.commands.setHardBreak(),
  (e) => e.commands.setHorizontalRule(), (e) => e.commands.joinBackward(), (e) => e.commands.liftEmptyBlock(),
  (e) => e.commands.sinkListItem('listItem'), (e) => e.commands.liftListItem('listItem'),
  (e) => e.commands.setImage({ src: pick(['/asset/1', 'https://example.org/i.png']), alt: 'i', title: 't', width: 10 }),
  (e) => e.commands.insertTable({ rows: 2, cols: 2, withHeaderRow: true }), (e) => e.commands.addColumnAfter(),
  (e) => e.commands.deleteTable(), (e) => e.commands.mergeCells(), (e) => e.commands.setCellAttribute('colwidth', [120]),
  (e) => e.commands.insertContent({ type: 'footnoteReference', attrs: { id: 'n' + below(9), number: 1 + below(9) } }),
  (e) => e.commands.insertContentAt(e.state.doc.content.size, { type: 'footnotes', content: [{ type: 'footnote', attrs: { id: 'n1', number: 1 }, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'note' }] }] }] }),
  (e) => e.commands.insertContent({ type: 'sceneBreak' }),
  (e) => e.commands.undo(), (e) => e.commands.undo(), (e) => e.commands.redo()
]

const kinds = {}
let count = 0
// Sessions follow each other on one document, each with a client id of its own, as leases do.
const write = (sessions, acts) => {
  record([], 0)
  let state = null
  const known = new Y.Doc()
  for (let session = 0; session < sessions; session++) {
    const doc = new Y.Doc()
    if (state !== null) Y.applyUpdate(doc, state)
    doc.clientID = below(4_294_967_296)
    let offline = false
    const send = (update) => {
      record(update, doc.clientID)
      count++
      Y.applyUpdate(known, update)
      for (const struct of Y.decodeUpdate(update).structs) {
        const kind = struct.constructor.name + (struct.content ? ':' + struct.content.constructor.name : '')
        kinds[kind] = (kinds[kind] ?? 0) + 1
      }
    }
    doc.on('update', (update) => { if (!offline) send(update) })
    const editor = open(doc)
    for (let act = 0; act < acts; act++) {
      // Sometimes the line is down: what was missed goes as one difference, the way Yjs providers catch up.
      if (below(40) === 0) offline = true
      else if (offline && below(8) === 0) {
        send(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(known)))
        offline = false
      }
      try { pick(ACTS)(editor) } catch (error) {
        // A command that does not fit where the cursor is.
        if (!(error instanceof RangeError)) throw error
      }
    }
    if (offline) send(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(known)))
    state = Y.encodeStateAsUpdate(doc)
    const [mine, theirs] = [doc, known].map((d) => d.getXmlFragment('default').toString())
    if (mine !== theirs) throw new Error('the updates do not make the document')
    editor.destroy()
  }
}
// Without an undo history, what a transaction makes and deletes again is sent as deleted content.
const plain = () => {
  record([], 0)
  const doc = new Y.Doc()
  doc.clientID = below(4_294_967_296)
  doc.on('update', (update) => { record(update, doc.clientID); count++ })
  const root = doc.getXmlFragment('default')
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  doc.transact(() => { root.insert(0, [paragraph]); paragraph.insert(0, [text]) })
  for (let i = 0; i < 40; i++) {
    doc.transact(() => {
      text.insert(below(text.length + 1), pick(WORDS))
      if (text.length > 4) text.delete(below(text.length - 3), 1 + below(3))
      paragraph.setAttribute('textAlign', 'left')
      paragraph.setAttribute('textAlign', 'center')
    })
  }
}
for (let i = 0; i < 3; i++) write(4, 42)
plain()
const bytes = Buffer.concat(out)
writeFileSync(process.argv[2] ?? 'typing.bin', bytes)
process.stderr.write(`${count} updates, ${bytes.length} bytes, ${JSON.stringify(kinds)}\n`)
process.exit(0)
