/// What is known of one Unicode scalar: its sets, its combining class and where its mappings are.
struct ScalarProperties {
  let bits: UInt32

  static let control: UInt32 = 1
  static let whitespace: UInt32 = 2
  static let punctuation: UInt32 = 4
  static let word: UInt32 = 8
  static let nonspacingMark: UInt32 = 16
  static let mark: UInt32 = 32
  static let compositionExclusion: UInt32 = 64
  static let ideograph: UInt32 = 128

  func isAny(of sets: UInt32) -> Bool { bits & sets != 0 }
  /// Canonical_Combining_Class; 0 for a starter.
  var combiningClass: UInt8 { UInt8(truncatingIfNeeded: bits >> 8) }
  /// Index in ``UnicodeTables/mappings``; 0 when the scalar maps to itself in every way.
  var mapping: Int { Int(bits >> 16) }
}

/// Properties and mappings of every scalar, as the `tokenizers` library has them (see UnicodeData).
struct UnicodeTables: Sendable {
  /// Slices of ``targets``, empty when the scalar maps to itself.
  struct Mapping: Sendable {
    var lowercase = 0..<0, canonical = 0..<0, compatibility = 0..<0
  }

  private var pages: [UInt16]
  private var entries: [UInt32]
  private(set) var mappings: [Mapping] = [Mapping()]
  private(set) var targets: [UInt32] = []

  static let shared = UnicodeTables()

  @inline(__always)
  subscript(scalar: UInt32) -> ScalarProperties {
    ScalarProperties(bits: entries[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])
  }

  private init() {
    var flat = [UInt32](repeating: 0, count: 0x110000)
    let sets: [(StaticString, UInt32)] = [
      (UnicodeData.control, ScalarProperties.control),
      (UnicodeData.whitespace, ScalarProperties.whitespace),
      (UnicodeData.punctuation, ScalarProperties.punctuation),
      (UnicodeData.word, ScalarProperties.word),
      (UnicodeData.nonspacingMark, ScalarProperties.nonspacingMark),
      (UnicodeData.mark, ScalarProperties.mark),
      (UnicodeData.compositionExclusion, ScalarProperties.compositionExclusion),
    ]
    for (text, bit) in sets {
      var reader = CodedNumbers(text)
      var end = 0
      while !reader.isAtEnd {
        let start = end + reader.next()
        end = start + reader.next() + 1
        for scalar in start..<end { flat[scalar] |= bit }
      }
    }
    // What BERT holds for Chinese characters: the CJK ideograph blocks, gaps included.
    let ideographs: [ClosedRange<Int>] = [
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F,
    ]
    for range in ideographs { for scalar in range { flat[scalar] |= ScalarProperties.ideograph } }

    Self.readMap(UnicodeData.combiningClass) { scalar, values in
      flat[scalar] |= values[0] << 8
    }
    var mappings = self.mappings
    var targets = self.targets
    func record(_ text: StaticString, _ path: WritableKeyPath<Mapping, Range<Int>>) {
      Self.readMap(text) { scalar, values in
        if flat[scalar] >> 16 == 0 {
          flat[scalar] |= UInt32(mappings.count) << 16
          mappings.append(Mapping())
        }
        mappings[Int(flat[scalar] >> 16)][keyPath: path] =
          targets.count..<targets.count + values.count
        targets += values
      }
    }
    record(UnicodeData.lowercase, \.lowercase)
    record(UnicodeData.canonicalDecomposition, \.canonical)
    record(UnicodeData.compatibilityDecomposition, \.compatibility)
    self.mappings = mappings
    self.targets = targets

    // Pages whose scalars are all alike, most of them, are stored once.
    pages = []
    entries = []
    var alike: [UInt32: UInt16] = [:]
    for start in stride(from: 0, to: flat.count, by: 256) {
      let page = flat[start..<start + 256]
      let first = flat[start]
      let isAlike = page.allSatisfy { $0 == first }
      if isAlike, let index = alike[first] {
        pages.append(index)
        continue
      }
      let index = UInt16(entries.count / 256)
      if isAlike { alike[first] = index }
      pages.append(index)
      entries += page
    }
  }

  private static func readMap(_ text: StaticString, _ body: (Int, [UInt32]) -> Void) {
    var reader = CodedNumbers(text)
    var end = 0
    var before: [Int] = []
    while !reader.isAtEnd {
      let key = end + reader.next()
      end = key + 1
      let count = reader.next()
      for place in 0..<count {
        let difference = reader.nextSigned()
        if place < before.count {
          before[place] += difference
        } else {
          before.append(difference)
        }
      }
      body(key, before[..<count].map(UInt32.init))
    }
  }
}

/// Numbers in base 32, least significant digit first: make_unicode_tables.py's `varint`.
private struct CodedNumbers {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  init(_ text: StaticString) {
    bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  var isAtEnd: Bool { index == bytes.count }

  mutating func next() -> Int {
    var value = 0
    var shift = 0
    while true {
      let digit = Self.digit(bytes[index])
      index += 1
      value |= (digit & 31) << shift
      if digit < 32 { return value }
      shift += 5
    }
  }

  mutating func nextSigned() -> Int {
    let value = next()
    return value & 1 == 0 ? value / 2 : -(value / 2) - 1
  }

  private static func digit(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48 + 52
    case UInt8(ascii: "-"): 62
    default: 63
    }
  }
}
