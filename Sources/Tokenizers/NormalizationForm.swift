/// The four normalisation forms of UAX #15, over the library's tables.
enum NormalizationForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  func apply(_ scalars: inout [UInt32]) {
    let compatibility = self == .nfkc || self == .nfkd
    var decomposed: [UInt32] = []
    decomposed.reserveCapacity(scalars.count + scalars.count / 2)
    for scalar in scalars {
      Self.decompose(scalar, compatibility: compatibility, into: &decomposed)
    }
    Self.order(&decomposed)
    scalars = decomposed
    if self == .nfc || self == .nfkc { Self.compose(&scalars) }
  }

  private static let hangulBase: UInt32 = 0xAC00
  private static let leadBase: UInt32 = 0x1100
  private static let vowelBase: UInt32 = 0x1161
  private static let tailBase: UInt32 = 0x11A7
  private static let hangulCount: UInt32 = 11_172

  /// Appends the full decomposition of one scalar, not yet in canonical order.
  @inline(__always)
  static func decompose(_ scalar: UInt32, compatibility: Bool, into result: inout [UInt32]) {
    if scalar < 0x80 { return result.append(scalar) }
    let syllable = scalar &- hangulBase
    if syllable < hangulCount {
      result.append(leadBase + syllable / 588)
      result.append(vowelBase + syllable % 588 / 28)
      if syllable % 28 != 0 { result.append(tailBase + syllable % 28) }
      return
    }
    let tables = UnicodeTables.shared
    let index = tables[scalar].mapping
    if index == 0 { return result.append(scalar) }
    let mapping = tables.mappings[index]
    if compatibility && !mapping.compatibility.isEmpty {
      result += tables.targets[mapping.compatibility]
    } else if !mapping.canonical.isEmpty {
      result += tables.targets[mapping.canonical]
    } else {
      result.append(scalar)
    }
  }

  /// Sorts each run of combining marks by class, keeping the order within a class.
  static func order(_ scalars: inout [UInt32]) {
    let tables = UnicodeTables.shared
    var index = 0
    while index < scalars.count {
      guard scalars[index] >= 0x300, tables[scalars[index]].combiningClass != 0 else {
        index += 1
        continue
      }
      let start = index
      var isOrdered = true
      var last: UInt8 = 0
      while index < scalars.count {
        let own = tables[scalars[index]].combiningClass
        if own == 0 { break }
        if own < last { isOrdered = false }
        last = own
        index += 1
      }
      if !isOrdered {
        let run = scalars[start..<index].enumerated().sorted {
          let (a, b) = (tables[$0.element].combiningClass, tables[$1.element].combiningClass)
          return (a, $0.offset) < (b, $1.offset)
        }
        scalars.replaceSubrange(start..<index, with: run.map(\.element))
      }
    }
  }

  private static func compose(_ scalars: inout [UInt32]) {
    let tables = UnicodeTables.shared
    var count = 0
    var starter = -1
    var lastClass = -1  // of the scalars since the starter; -1 right after it
    for scalar in scalars {
      let own = Int(tables[scalar].combiningClass)
      if starter >= 0, lastClass < own, let composite = composite(scalars[starter], scalar) {
        scalars[starter] = composite
        continue
      }
      if own == 0 {
        starter = count
        lastClass = -1
      } else {
        lastClass = own
      }
      scalars[count] = scalar
      count += 1
    }
    scalars.removeLast(scalars.count - count)
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
