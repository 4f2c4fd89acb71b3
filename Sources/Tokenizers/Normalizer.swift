/// A step that rewrites the text before it is split.
indirect enum Normalizer: Sendable {
  case bert(BERTNormalizer)
  case lowercase
  case form(NormalizationForm)
  case stripAccents
  case strip(left: Bool, right: Bool)
  case replace(Pattern, by: [UInt8])
  case prepend([UInt8])
  case precompiled(PrecompiledCharsmap)
  case nmt
  case byteLevel
  case sequence([Normalizer])

  /// - Throws: ``TextError`` when a step of a file's own makes too much of the text.
  func apply(_ text: inout NormalizedText) throws {
    let tables = UnicodeTables.shared
    switch self {
    case .bert(let bert): bert.apply(&text)
    case .lowercase: text.lowercase()
    case .form(let form): form.apply(&text)
    case .stripAccents:
      text.filter { !tables[$0].isAny(of: ScalarProperties.mark) }
    case .strip(let left, let right): text.strip(left: left, right: right)
    case .replace(let pattern, let content): try text.replace(pattern, by: content)
    case .prepend(let content): try text.prepend(content)
    case .precompiled(let charsmap): try charsmap.apply(&text)
    case .nmt: text.applyNMT()
    case .byteLevel: text.spellBytes()
    case .sequence(let steps): for step in steps { try step.apply(&text) }
    }
  }
}

extension NormalizedText {
  private var isASCII: Bool {
    bytes.withUnsafeBufferPointer { $0.endOfASCII(from: 0, before: $0.count) == $0.count }
  }

  /// Scalar by scalar, so that a final sigma is a sigma like any other.
  mutating func lowercase() {
    let isPlain = isASCII
    withMutableBytes { bytes in
      for index in bytes.indices where bytes[index] &- 0x41 < 26 { bytes[index] |= 0x20 }
    }
    if isPlain { return }
    let tables = UnicodeTables.shared
    rewrite { bytes, new, old in
      var index = 0
      while index < bytes.count {
        let (scalar, next) = bytes.scalar(at: index)
        let mapping = scalar < 0x80 ? 0..<0 : tables.mappings[tables[scalar].mapping].lowercase
        if mapping.isEmpty {
          new.append(scalar, at: index, of: old)
        } else {
          for target in mapping { new.append(tables.targets[target], at: index, of: old) }
        }
        index = next
      }
    }
  }

  /// Keeps the scalars that `isKept` says.
  @inline(__always)
  mutating func filter(_ isKept: (UInt32) -> Bool) {
    rewrite { bytes, new, old in
      var index = 0
      while index < bytes.count {
        let (scalar, next) = bytes.scalar(at: index)
        if isKept(scalar) { new.append(scalar, at: index, of: old) }
        index = next
      }
    }
  }

  /// Takes white space off the ends.
  mutating func strip(left: Bool, right: Bool) {
    let tables = UnicodeTables.shared
    let kept = bytes.withUnsafeBufferPointer { bytes in
      var (start, end) = (0, bytes.count)
      while left, start < end {
        let (scalar, next) = bytes.scalar(at: start)
        guard tables[scalar].isAny(of: ScalarProperties.whitespace) else { break }
        start = next
      }
      while right, end > start {
        let (scalar, before) = bytes.scalar(before: end)
        guard tables[scalar].isAny(of: ScalarProperties.whitespace) else { break }
        end = before
      }
      return start..<end
    }
    if kept.count < bytes.count { keep(kept) }
  }

  /// Puts `content` in the place of every match.
  mutating func replace(_ pattern: Pattern, by content: [UInt8]) throws {
    if case .text(let needle) = pattern, needle.count == 1, content.count == 1 {
      return withMutableBytes { bytes in
        for index in bytes.indices where bytes[index] == needle[0] { bytes[index] = content[0] }
      }
    }
    try rewrite { bytes, new, old in
      var done = 0
      try pattern.forEachMatch(in: bytes, 0..<bytes.count) { match in
        new.append(done..<match.lowerBound, of: old)
        try new.append(content, before: match.upperBound, of: old)
        done = match.upperBound
      }
      new.append(done..<bytes.count, of: old)
    }
  }

  /// SentencePiece's rules for the texts of machine translation: controls out, odd spaces to spaces.
  mutating func applyNMT() {
    rewrite { bytes, new, old in
      var index = 0
      while index < bytes.count {
        let (scalar, next) = bytes.scalar(at: index)
        switch scalar {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: break
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF,
          0xFFFD:
          new.append(0x20, at: index, of: old)
        default: new.append(scalar, at: index, of: old)
        }
        index = next
      }
    }
  }

  /// Spells every byte as the scalar that stands for it in byte-level vocabularies.
  mutating func spellBytes() {
    rewrite { bytes, new, old in
      for index in bytes.indices {
        new.append(ByteAlphabet.scalars[Int(bytes[index])], at: index, of: old)
      }
    }
  }
}
