// Writes `anchors.json`: documents that Yjs made, positions that Yjs encoded while they were written, and where Yjs finds
// them in the end.
//
//   npm i yjs@13 && node anchors.mjs anchors.json
//
// Same seed, same bytes, as long as Yjs stays the same.
import { writeFileSync } from 'node:fs'
import * as Y from 'yjs'

const DOCUMENTS = 24
const ROUNDS = 60
const WORDS = ['whale', 'Ishmael ', '𝄞 ', 'é', 'sea, ', 'call me ']

let seed = 20261122
const roll = (below) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return Math.floor((seed / 2 ** 32) * below)
}
const pick = (list) => list[roll(list.length)]
const base64 = (bytes) => Buffer.from(bytes).toString('base64')

const opened = (update, client) => {
  const doc = new Y.Doc()
  doc.clientID = client
  if (update) Y.applyUpdate(doc, update)
  return doc
}

const textsIn = (root) => root.toArray().flatMap((child) => (child instanceof Y.XmlText ? [child] : textsIn(child)))

const paragraph = (words) => {
  const made = new Y.XmlElement('paragraph')
  made.insert(0, [new Y.XmlText(words)])
  return made
}

const edits = (doc) => {
  const root = doc.getXmlFragment('default')
  const texts = textsIn(root)
  const text = pick(texts)
  doc.transact(() => {
    switch (roll(8)) {
      case 0:
        return root.insert(roll(root.length + 1), [paragraph(pick(WORDS))])
      case 1:
        return root.length > 3 && root.delete(roll(root.length), 1)
      case 2: {
        const note = new Y.XmlElement('footnote')
        note.insert(0, [new Y.XmlText('A note.')])
        const block = root.get(roll(root.length))
        return block.insert(block.length, [note, new Y.XmlText(pick(WORDS))])
      }
      case 3:
      case 4: {
        const from = text ? roll(text.length) : 0
        return text?.length > 0 && text.delete(from, 1 + roll(Math.min(6, text.length - from)))
      }
      case 5:
        return text?.length > 1 && text.format(roll(text.length - 1), 1, { bold: roll(2) ? {} : null })
      default:
        return text?.insert(roll(text.length + 1), pick(WORDS))
    }
  })
}

/** The way to a type from the root; null if it is not there any more. */
const pathOf = (type, root) => {
  const path = []
  for (let at = type; at !== root; at = at.parent) {
    if (at === null || at._item === null || at._item.deleted) return null
    path.unshift(at.parent.toArray().indexOf(at))
  }
  return path
}

const found = (position, doc) => {
  // Asked for first: until then the root is a type of no kind.
  const root = doc.getXmlFragment('default')
  const place = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(position), doc)
  const path = place && pathOf(place.type, root)
  return path && { path, index: place.index }
}

const documents = []
for (let number = 0; number < DOCUMENTS; number += 1) {
  // As tokens are: beyond 32 bits.
  const client = () => 1_763_800_000_000_000 + number * 100
  let doc = opened(null, client())
  doc.getXmlFragment('default').insert(0, ['Call me Ishmael.', 'Some years ago', 'never mind how long'].map(paragraph))
  const positions = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    edits(doc)
    if (round % 20 === 0) doc = opened(Y.encodeStateAsUpdate(doc), client() + round)
    const text = pick(textsIn(doc.getXmlFragment('default')))
    if (!text) continue
    positions.push(Y.createRelativePositionFromTypeIndex(text, roll(text.length + 1), roll(2) ? 0 : -1))
    if (round % 15 === 0) positions.push(Y.createRelativePositionFromTypeIndex(doc.getXmlFragment('default'), roll(3), 0))
  }
  const last = opened(Y.encodeStateAsUpdate(doc), 1)
  const encoded = positions.map((position) => Y.encodeRelativePosition(position))
  documents.push({
    state: base64(Y.encodeStateAsUpdate(last)),
    positions: encoded.map((position) => ({ position: base64(position), ...found(position, last) })),
  })
}
const lines = documents.map((document) => JSON.stringify(document))
writeFileSync(process.argv[2], `[\n${lines.join(',\n')}\n]\n`)
