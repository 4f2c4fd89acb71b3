/// The bytes of the given text that a byte of normalised text stands for.
struct Origin: Sendable {
  var start: Int32, end: Int32
}

/// Text on its way through normalisers and pre-tokenizers, and where its bytes came from.
///
/// Which origin a rewritten byte gets is the library's choice, its slips included: a byte that is
/// put in takes the origin of the one before it, one that replaces takes that of what it replaces.
/// Source: huggingface/tokenizers 3ba8ad0, src/tokenizer/normalizer.rs.
struct NormalizedText: Sendable {
  private(set) var bytes: [UInt8]
  /// As many as ``bytes``, or none when nobody will ask.
  private(set) var origins: [Origin] = []
  let tracksOrigins: Bool
  /// How many bytes it may become: the most that Unicode's own forms and byte-level spelling make of
  /// a text is 22 times as much, but what a file puts in could double it again and again.
  private let limit: Int
  /// Where in the given text this one begins.
  let start: Int

  /// A stretch of the text that was given.
  init(_ text: Bytes, _ range: Range<Int>, tracksOrigins: Bool) {
    bytes = Array(text[range])
    self.tracksOrigins = tracksOrigins
    start = range.lowerBound
    limit = 32 * range.count + 1024
    guard tracksOrigins else { return }
    origins.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let next = text.scalar(at: index).next
      let origin = Origin(start: Int32(index), end: Int32(next))
      for _ in index..<next { origins.append(origin) }
      index = next
    }
  }

  private init(emptyLike text: NormalizedText) {
    bytes = []
    bytes.reserveCapacity(text.bytes.count + text.bytes.count / 4)
    tracksOrigins = text.tracksOrigins
    start = text.start
    limit = text.limit
    if tracksOrigins { origins.reserveCapacity(bytes.capacity) }
  }

  /// Where in the given text the word that begins at `index` begins.
  func origin(of index: Int) -> Int {
    tracksOrigins && index < origins.count ? Int(origins[index].start) : start + index
  }

  // MARK: - Rewriting

  /// Writes a new text: `body` gets the old one and appends to the new one.
  @inline(__always)
  mutating func rewrite(
    _ body: (Bytes, inout NormalizedText, NormalizedText) throws -> Void
  ) rethrows {
    var new = NormalizedText(emptyLike: self)
    let old = self
    try old.bytes.withUnsafeBufferPointer { try body($0, &new, old) }
    self = new
  }

  /// Appends bytes of another text as they are.
  @inline(__always)
  mutating func append(_ range: Range<Int>, of old: NormalizedText) {
    bytes.append(contentsOf: old.bytes[range])
    if tracksOrigins { origins.append(contentsOf: old.origins[range]) }
  }

  /// Appends a scalar that stands for the byte at `place` of another text.
  @inline(__always)
  mutating func append(_ scalar: UInt32, at place: Int, of old: NormalizedText) {
    bytes.append(utf8: scalar)
    if tracksOrigins { pad(with: old.origins[place]) }
  }

  /// Stops a text of `count` bytes from becoming much longer than the given one.
  func checkLength(_ count: Int) throws {
    guard count > limit else { return }
    throw TextError(
      reason:
        "a text of \((limit - 1024) / 32) bytes becomes one of more than \(limit) by what the "
        + "tokenizer puts in; wanted replacements that do not explode")
  }

  /// Appends bytes that stand for what ends before `end` of another text.
  mutating func append(_ text: [UInt8], before end: Int, of old: NormalizedText) throws {
    try checkLength(bytes.count + text.count)
    bytes += text
    guard tracksOrigins else { return }
    pad(
      with: end > 0
        ? old.origins[end - 1] : Origin(start: Int32(old.start), end: Int32(old.start)))
  }

  /// Gives all bytes that have no origin yet this one.
  private mutating func pad(with origin: Origin) {
    while origins.count < bytes.count { origins.append(origin) }
  }

  /// Changes bytes to as many others.
  @inline(__always)
  mutating func withMutableBytes(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeMutableBufferPointer { body($0) }
  }

  /// Puts text before this one, unless it is empty; it stands for the first scalar.
  mutating func prepend(_ text: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    try checkLength(bytes.count + text.count)
    bytes.insert(contentsOf: text, at: 0)
    if tracksOrigins {
      origins.insert(contentsOf: repeatElement(origins[0], count: text.count), at: 0)
    }
  }

  /// Keeps a stretch.
  mutating func keep(_ range: Range<Int>) {
    bytes = Array(bytes[range])
    if tracksOrigins { origins = Array(origins[range]) }
  }

  /// One scalar of a rewritten text: 0 replaces the next old scalar, −n replaces it and takes away
  /// n more, 1 is put in.
  struct Change {
    var scalar: UInt32
    var size: Int32
  }

  /// Replaces the bytes from `start` on, up to `end`, as a list of changes says.
  mutating func append(
    _ changes: [Change], from start: Int, before end: Int, of old: NormalizedText
  ) {
    var offset = start
    old.bytes.withUnsafeBufferPointer { text in
      for change in changes {
        bytes.append(utf8: change.scalar)
        guard tracksOrigins else { continue }
        if change.size > 0 {
          pad(
            with: offset > 0
              ? old.origins[offset - 1] : Origin(start: Int32(old.start), end: Int32(old.start)))
        } else {
          pad(with: old.origins[min(offset, end - 1)])
          for _ in 0...(-change.size) where offset < end { offset = text.scalar(at: offset).next }
        }
      }
    }
  }
}
