import Foundation

/// SentencePiece's compiled rules: a double array over UTF-8 that leads to places in a blob of texts,
/// each ended by a zero byte.
///
/// A grapheme of less than 6 bytes is looked up as a whole, and the shortest rule that it begins
/// with replaces all of it; this is the library's way, not SentencePiece's.
/// Sources: huggingface/tokenizers 3ba8ad0, src/normalizers/precompiled.rs;
/// huggingface/spm_precompiled 3795b14, src/lib.rs.
struct PrecompiledCharsmap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// - Returns: nil when the bytes are not such rules.
  init?(base64: String) {
    guard let data = Data(base64Encoded: base64) else { return nil }
    let bytes = [UInt8](data)
    guard bytes.count >= 4 else { return nil }
    func unit(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    }
    let size = Int(unit(0)) / 4
    guard size > 0, 4 + 4 * size <= bytes.count else { return nil }
    units = (0..<size).map { unit(4 + 4 * $0) }
    texts = Array(bytes[(4 + 4 * size)...])
    guard String(validating: texts, as: UTF8.self) != nil else { return nil }
  }

  /// The text of the shortest rule that `bytes[range]` begins with, as a range of ``texts``.
  private func rule(_ bytes: Bytes, _ range: Range<Int>) -> Range<Int>? {
    func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
    var node = offset(units[0])
    for index in range {
      let byte = bytes[index]
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      guard node < units.count else { return nil }
      let unit = units[node]
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      node ^= offset(unit)
      guard node < units.count else { return nil }
      if unit & 0x100 != 0 {
        let start = Int(units[node] & 0x7FFF_FFFF)
        guard start == texts.count || start < texts.count && texts[start] & 0xC0 != 0x80 else {
          return nil
        }
        return start..<(texts[start...].firstIndex(of: 0) ?? texts.count)
      }
    }
    return nil
  }

  func apply(_ text: inout NormalizedText) throws {
    var changes: [NormalizedText.Change] = []
    var isChanged = false
    try text.bytes.withUnsafeBufferPointer { bytes in
      changes.reserveCapacity(bytes.count)
      var index = 0
      while index < bytes.count {
        let end = Self.endOfGrapheme(bytes, from: index)
        try text.checkLength(changes.count)
        if end - index < 6, let rule = rule(bytes, index..<end) {
          isChanged = true
          replace(bytes, index..<end, by: rule, in: &changes)
          index = end
          continue
        }
        while index < end {
          let (scalar, next) = bytes.scalar(at: index)
          if let rule = rule(bytes, index..<next) {
            isChanged = true
            replace(bytes, index..<next, by: rule, in: &changes)
          } else {
            changes.append(NormalizedText.Change(scalar: scalar, size: 0))
          }
          index = next
        }
      }
    }
    guard isChanged else { return }
    text.rewrite { bytes, new, old in new.append(changes, from: 0, before: bytes.count, of: old) }
  }

  private func replace(
    _ bytes: Bytes, _ range: Range<Int>, by rule: Range<Int>,
    in changes: inout [NormalizedText.Change]
  ) {
    var difference: Int32 = 0
    for index in range where bytes[index] & 0xC0 != 0x80 { difference -= 1 }
    texts.withUnsafeBufferPointer { texts in
      var index = rule.lowerBound
      while index < rule.upperBound {
        let (scalar, next) = texts.scalar(at: index)
        changes.append(NormalizedText.Change(scalar: scalar, size: 0))
        difference += 1
        index = next
      }
    }
    if difference > 0 {
      for place in changes.indices.suffix(Int(difference)) { changes[place].size = 1 }
    } else if difference < 0, !changes.isEmpty {
      changes[changes.count - 1].size += difference
    }
  }

  /// Where a grapheme ends, as far as it matters: one of 6 bytes or more may be cut short where a new
  /// one could begin, because its scalars are looked up one by one anyway.
  @inline(__always)
  private static func endOfGrapheme(_ bytes: Bytes, from start: Int) -> Int {
    let tables = UnicodeTables.shared
    var (scalar, end) = bytes.scalar(at: start)
    if scalar == 0x0D, end < bytes.count, bytes[end] == 0x0A { return end + 1 }
    while end < bytes.count {
      let properties = tables[scalar]
      if properties.isAny(of: ScalarProperties.graphemeAlone) { break }
      let (following, next) = bytes.scalar(at: end)
      let joins =
        tables[following].isAny(of: ScalarProperties.graphemeJoin)
        || properties.isAny(of: ScalarProperties.graphemeBefore)
          && !tables[following].isAny(of: ScalarProperties.graphemeAlone)
      guard joins else { break }
      (scalar, end) = (following, next)
    }
    return end
  }
}
