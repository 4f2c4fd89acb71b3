/// What is known of one Unicode scalar: its sets, its combining class and where its mappings are.
struct ScalarProperties {
  let bits: UInt64

  static let control: UInt64 = 1
  static let whitespace: UInt64 = 2
  static let punctuation: UInt64 = 4
  static let word: UInt64 = 8
  static let nonspacingMark: UInt64 = 16
  static let mark: UInt64 = 32
  static let compositionExclusion: UInt64 = 64
  static let ideograph: UInt64 = 128
  /// L, N and M of regular expressions.
  static let letter: UInt64 = 1 << 32
  static let number: UInt64 = 1 << 33
  static let regexMark: UInt64 = 1 << 34
  static let numeric: UInt64 = 1 << 35
  /// Continues the grapheme of the scalar before it.
  static let graphemeJoin: UInt64 = 1 << 36
  /// Is a grapheme of its own, whatever follows.
  static let graphemeAlone: UInt64 = 1 << 37
  /// Begins the grapheme of the scalar after it.
  static let graphemeBefore: UInt64 = 1 << 38

  @inline(__always)
  func isAny(of sets: UInt64) -> Bool { bits & sets != 0 }
  /// Canonical_Combining_Class; 0 for a starter.
  var combiningClass: UInt8 { UInt8(truncatingIfNeeded: bits >> 8) }
  /// Index in ``UnicodeTables/mappings``; 0 when the scalar maps to itself in every way.
  var mapping: Int { Int(bits >> 16 & 0xFFFF) }
}

/// Properties and mappings of every scalar, as the `tokenizers` library has them (see UnicodeData).
struct UnicodeTables: Sendable {
  /// Slices of ``targets``, empty when the scalar maps to itself.
  struct Mapping: Sendable {
    var lowercase = 0..<0, canonical = 0..<0, compatibility = 0..<0
  }

  private var pages: [UInt16]
  private var entries: [UInt64]
  private(set) var mappings: [Mapping] = [Mapping()]
  private(set) var targets: [UInt32] = []

  static let shared = UnicodeTables()

  @inline(__always)
  subscript(scalar: UInt32) -> ScalarProperties {
    ScalarProperties(bits: entries[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])
  }

  private init() {
    var flat = [UInt64](repeating: 0, count: 0x110000)
    let sets: [(StaticString, UInt64)] = [
      (UnicodeData.control, ScalarProperties.control),
      (UnicodeData.whitespace, ScalarProperties.whitespace),
      (UnicodeData.punctuation, ScalarProperties.punctuation),
      (UnicodeData.word, ScalarProperties.word),
      (UnicodeData.nonspacingMark, ScalarProperties.nonspacingMark),
      (UnicodeData.mark, ScalarProperties.mark),
      (UnicodeData.compositionExclusion, ScalarProperties.compositionExclusion),
      (UnicodeData.letter, ScalarProperties.letter),
      (UnicodeData.number, ScalarProperties.number),
      (UnicodeData.regexMark, ScalarProperties.regexMark),
      (UnicodeData.numeric, ScalarProperties.numeric),
      (UnicodeData.graphemeJoin, ScalarProperties.graphemeJoin),
      (UnicodeData.graphemeAlone, ScalarProperties.graphemeAlone),
      (UnicodeData.graphemeBefore, ScalarProperties.graphemeBefore),
    ]
    for (text, bit) in sets {
      for range in CodedNumbers.ranges(text) {
        for scalar in range { flat[Int(scalar)] |= bit }
      }
    }
    // What BERT holds for Chinese characters: the CJK ideograph blocks, gaps included.
    let ideographs: [ClosedRange<Int>] = [
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F,
    ]
    for range in ideographs { for scalar in range { flat[scalar] |= ScalarProperties.ideograph } }

    Self.readMap(UnicodeData.combiningClass) { scalar, values in
      flat[scalar] |= UInt64(values[0]) << 8
    }
    var mappings = self.mappings
    var targets = self.targets
    func record(_ text: StaticString, _ path: WritableKeyPath<Mapping, Range<Int>>) {
      Self.readMap(text) { scalar, values in
        if flat[scalar] >> 16 & 0xFFFF == 0 {
          flat[scalar] |= UInt64(mappings.count) << 16
          mappings.append(Mapping())
        }
        mappings[Int(flat[scalar] >> 16 & 0xFFFF)][keyPath: path] =
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
    var alike: [UInt64: UInt16] = [:]
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
