/// The four normalisation forms of UAX #15, over the library's tables.
///
/// Sizes of changes follow n1t0/unicode-normalization 9ca6960, src/decompose.rs and recompose.rs.
enum NormalizationForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  /// Rewrites a text. Runs of ASCII stay as they are: only the last of each may be composed with
  /// what follows.
  func apply(_ text: inout NormalizedText) {
    let isPlain = text.bytes.withUnsafeBufferPointer {
      $0.endOfASCII(from: 0, before: $0.count) == $0.count
    }
    if isPlain { return }
    var changes: [NormalizedText.Change] = []
    text.rewrite { bytes, new, old in
      var done = 0
      while done < bytes.count {
        let run = bytes.endOfASCII(from: done, before: bytes.count)
        let start = run == bytes.count ? run : max(done, run - 1)
        new.append(done..<start, of: old)
        var end = run
        while end < bytes.count, bytes[end] >= 0x80 { end += 1 }
        if start < end {
          changes.removeAll(keepingCapacity: true)
          apply(bytes, start..<end, into: &changes)
          new.append(changes, from: start, before: end, of: old)
        }
        done = end
      }
    }
  }

  private func apply(
    _ bytes: Bytes, _ range: Range<Int>, into changes: inout [NormalizedText.Change]
  ) {
    var index = range.lowerBound
    while index < range.upperBound {
      let (scalar, next) = bytes.scalar(at: index)
      Self.decompose(scalar, compatibility: self == .nfkc || self == .nfkd, into: &changes)
      index = next
    }
    Self.order(&changes)
    if self == .nfc || self == .nfkc { Self.compose(&changes) }
  }

  private static let hangulBase: UInt32 = 0xAC00
  private static let leadBase: UInt32 = 0x1100
  private static let vowelBase: UInt32 = 0x1161
  private static let tailBase: UInt32 = 0x11A7
  private static let hangulCount: UInt32 = 11_172

  /// Appends the full decomposition of one scalar, not yet in canonical order.
  @inline(__always)
  private static func decompose(
    _ scalar: UInt32, compatibility: Bool, into result: inout [NormalizedText.Change]
  ) {
    func append(_ scalar: UInt32, isFirst: Bool = false) {
      result.append(NormalizedText.Change(scalar: scalar, size: isFirst ? 0 : 1))
    }
    if scalar < 0x80 { return append(scalar, isFirst: true) }
    let syllable = scalar &- hangulBase
    if syllable < hangulCount {
      append(leadBase + syllable / 588, isFirst: true)
      append(vowelBase + syllable % 588 / 28)
      if syllable % 28 != 0 { append(tailBase + syllable % 28) }
      return
    }
    let tables = UnicodeTables.shared
    let mapping = tables.mappings[tables[scalar].mapping]
    let target =
      compatibility && !mapping.compatibility.isEmpty ? mapping.compatibility : mapping.canonical
    if target.isEmpty { return append(scalar, isFirst: true) }
    for index in target { append(tables.targets[index], isFirst: index == target.lowerBound) }
  }

  /// Sorts each run of combining marks by class, keeping the order within a class.
  private static func order(_ changes: inout [NormalizedText.Change]) {
    let tables = UnicodeTables.shared
    func order(_ change: NormalizedText.Change) -> UInt8 { tables[change.scalar].combiningClass }
    var index = 0
    while index < changes.count {
      guard changes[index].scalar >= 0x300, order(changes[index]) != 0 else {
        index += 1
        continue
      }
      let start = index
      var isOrdered = true
      var last: UInt8 = 0
      while index < changes.count {
        let own = order(changes[index])
        if own == 0 { break }
        if own < last { isOrdered = false }
        last = own
        index += 1
      }
      if !isOrdered {
        let run = changes[start..<index].enumerated().sorted {
          (order($0.element), $0.offset) < (order($1.element), $1.offset)
        }
        changes.replaceSubrange(start..<index, with: run.map(\.element))
      }
    }
  }

  private static func compose(_ changes: inout [NormalizedText.Change]) {
    let tables = UnicodeTables.shared
    var count = 0
    var starter = -1
    var lastClass = -1  // of the scalars since the starter; -1 right after it
    for change in changes {
      let own = Int(tables[change.scalar].combiningClass)
      if starter >= 0, lastClass < own,
        let composite = composite(changes[starter].scalar, change.scalar)
      {
        changes[starter].scalar = composite
        changes[starter].size += change.size - 1
        continue
      }
      if own == 0 {
        starter = count
        lastClass = -1
      } else {
        lastClass = own
      }
      changes[count] = change
      count += 1
    }
    changes.removeLast(changes.count - count)
  }

  private static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    let lead = first &- leadBase
    let vowel = second &- vowelBase
    if lead < 19 && vowel < 21 { return hangulBase + (lead * 21 + vowel) * 28 }
    let syllable = first &- hangulBase
    let tail = second &- tailBase
    if syllable < hangulCount && syllable % 28 == 0 && tail > 0 && tail < 28 {
      return first + tail
    }
    return composites[UInt64(first) << 32 | UInt64(second)]
  }

  /// Primary composites by their two parts. A decomposition of n scalars is the composite of the
  /// first n − 1, itself found by a shorter decomposition, and the last.
  private static let composites: [UInt64: UInt32] = {
    let tables = UnicodeTables.shared
    var whole: [[UInt32]: UInt32] = [:]
    for scalar in UInt32(0)..<0x110000 where tables[scalar].mapping != 0 {
      let mapping = tables.mappings[tables[scalar].mapping].canonical
      if mapping.count >= 2, !tables[scalar].isAny(of: ScalarProperties.compositionExclusion) {
        whole[Array(tables.targets[mapping])] = scalar
      }
    }
    var pairs: [UInt64: UInt32] = [:]
    for (parts, scalar) in whole {
      let first = parts.count == 2 ? parts[0] : whole[Array(parts.dropLast())]
      if let first { pairs[UInt64(first) << 32 | UInt64(parts.last!)] = scalar }
    }
    return pairs
  }()
}
