/// BERT's cleaning: control characters out, Chinese characters set apart, accents and case off.
struct BERTNormalizer: Sendable {
  var cleansText = true
  var separatesIdeographs = true
  var stripsAccents = true
  var lowercases = true

  /// What becomes of each ASCII byte; 0x80 when it goes.
  private func asciiTable() -> [UInt8] {
    (UInt8(0)..<128).map { byte in
      switch byte {
      case 0x09, 0x0A, 0x0D: cleansText ? 0x20 : byte
      case 0..<0x20, 0x7F: cleansText ? 0x80 : byte
      case 0x41...0x5A: lowercases ? byte | 0x20 : byte
      default: byte
      }
    }
  }

  func apply(_ text: inout NormalizedText) {
    let table = asciiTable()
    var goes = false
    text.withMutableBytes { bytes in
      table.withUnsafeBufferPointer { table in
        for index in bytes.indices where bytes[index] < 0x80 {
          let new = table[Int(bytes[index])]
          if new == 0x80 { goes = true } else { bytes[index] = new }
        }
      }
    }
    let isPlain = text.bytes.withUnsafeBufferPointer {
      $0.endOfASCII(from: 0, before: $0.count) == $0.count
    }
    if isPlain && !goes { return }
    clean(&text)
    if isPlain { return }
    if stripsAccents {
      NormalizationForm.nfd.apply(&text)
      let tables = UnicodeTables.shared
      text.filter { !tables[$0].isAny(of: ScalarProperties.nonspacingMark) }
    }
    if lowercases { text.lowercase() }
  }

  private func clean(_ text: inout NormalizedText) {
    guard cleansText || separatesIdeographs else { return }
    let tables = UnicodeTables.shared
    text.rewrite { bytes, new, old in
      var index = 0
      while index < bytes.count {
        let (scalar, next) = bytes.scalar(at: index)
        let properties = tables[scalar]
        if cleansText && properties.isAny(of: ScalarProperties.control) {
          index = next
          continue
        }
        if cleansText && properties.isAny(of: ScalarProperties.whitespace) {
          new.append(0x20, at: index, of: old)
        } else if separatesIdeographs && properties.isAny(of: ScalarProperties.ideograph) {
          new.append(0x20, at: index, of: old)
          new.append(scalar, at: index, of: old)
          new.append(0x20, at: index, of: old)
        } else {
          new.append(scalar, at: index, of: old)
        }
        index = next
      }
    }
  }
}
