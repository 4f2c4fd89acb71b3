/// The first directory of a TIFF file, which EXIF data are as well.
struct TIFFDirectory {
  struct Entry {
    let tag: Int
    let type: Int
    let count: Int
    /// Where its twelve bytes are.
    let place: Int
  }

  private(set) var entries: [Entry] = []
  private let bytes: ArraySlice<UInt8>
  private let start: Int
  let isBig: Bool

  /// Nil where the bytes begin as no TIFF; a BigTIFF is none. A directory that is cut ends there.
  init?(_ bytes: ArraySlice<UInt8>) {
    isBig = bytes.starts(with: [0x4D, 0x4D])
    guard bytes.starts(with: [0x49, 0x49]) || isBig,
      bytes.integer(at: 2, as: UInt16.self, isBig: isBig) == 42,
      let start = bytes.integer(at: 4, as: UInt32.self, isBig: isBig),
      let count = bytes.integer(at: start, as: UInt16.self, isBig: isBig)
    else { return nil }
    self.bytes = bytes
    self.start = start
    for place in stride(from: start + 2, to: start + 2 + 12 * count, by: 12) {
      guard place + 12 <= bytes.count else { break }
      entries.append(
        Entry(
          tag: short(at: place)!, type: short(at: place + 2)!, count: long(at: place + 4)!,
          place: place))
    }
  }

  private func short(at place: Int) -> Int? {
    bytes.integer(at: place, as: UInt16.self, isBig: isBig)
  }

  private func long(at place: Int) -> Int? {
    bytes.integer(at: place, as: UInt32.self, isBig: isBig)
  }

  /// The first of a tag's numbers, short or long; of a tag that is there twice the last counts.
  func number(_ tag: Int) -> Int? {
    guard let entry = entries.last(where: { $0.tag == tag }), entry.count > 0 else { return nil }
    // Numbers of more than four bytes are elsewhere.
    switch entry.type {
    case 3, 8:
      return (entry.count > 2 ? long(at: entry.place + 8) : entry.place + 8).flatMap(short)
    case 4, 9:
      return (entry.count > 1 ? long(at: entry.place + 8) : entry.place + 8).flatMap(long)
    default: return nil
    }
  }

  /// A tag's numbers, short or long; as many as there are bytes for.
  func numbers(_ tag: Int) -> [Int] {
    guard let entry = entries.last(where: { $0.tag == tag }), [3, 4].contains(entry.type) else {
      return []
    }
    let size = entry.type == 3 ? 2 : 4
    let isInside = entry.count * size <= 4
    guard let start = isInside ? entry.place + 8 : long(at: entry.place + 8) else { return [] }
    return (0..<entry.count).lazy.map { start + $0 * size }
      .prefix { $0 + size <= bytes.count }
      .compactMap(size == 2 ? short : long)
  }

  /// The file with the tags alone that say where and how its pixels are stored.
  func withoutDescription() -> [UInt8] {
    var file = Array(bytes)
    let kept = entries.filter { Self.storage.contains($0.tag) }
    for (index, entry) in kept.enumerated() {
      let place = start + 2 + 12 * index
      file.replaceSubrange(place..<place + 12, with: bytes.dropFirst(entry.place).prefix(12))
    }
    let count = [UInt8(kept.count & 0xFF), UInt8(kept.count >> 8)]
    file.replaceSubrange(start..<start + 2, with: isBig ? count.reversed() : count)
    // No directory follows.
    let end = start + 2 + 12 * kept.count
    for place in end..<min(end + 4, file.count) { file[place] = 0 }
    return file
  }

  /// Sizes, samples, compression, strips, fax options, predictor, palette, fill order.
  private static let storage: Set = [
    256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 530,
  ]
}
