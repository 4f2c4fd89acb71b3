/// A step that rewrites the text before it is split.
indirect enum Normalizer: Sendable {
  case bert(BERTNormalizer)
  case lowercase
  case form(NormalizationForm)
  case stripAccents
  case strip(left: Bool, right: Bool)
  case replace(pattern: [UInt32], content: [UInt32])
  case sequence([Normalizer])

  /// Rewrites UTF-8 bytes.
  func apply(_ bytes: inout [UInt8]) {
    if case .bert(let bert) = self, bert.applyToASCII(&bytes) { return }
    var scalars: [UInt32] = []
    scalars.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let (scalar, next) = bytes.scalar(at: index)
      scalars.append(scalar)
      index = next
    }
    apply(&scalars)
    bytes.removeAll(keepingCapacity: true)
    for scalar in scalars { bytes.append(utf8: scalar) }
  }

  private func apply(_ scalars: inout [UInt32]) {
    let tables = UnicodeTables.shared
    switch self {
    case .bert(let bert):
      bert.apply(&scalars)
    case .lowercase:
      Self.lowercase(&scalars)
    case .form(let form):
      form.apply(&scalars)
    case .stripAccents:
      scalars.removeAll { tables[$0].isAny(of: ScalarProperties.mark) }
    case .strip(let left, let right):
      func isSpace(_ scalar: UInt32) -> Bool {
        tables[scalar].isAny(of: ScalarProperties.whitespace)
      }
      if right, let last = scalars.lastIndex(where: { !isSpace($0) }) {
        scalars.removeSubrange((last + 1)...)
      }
      if left { scalars = Array(scalars.drop(while: isSpace)) }
      if right && scalars.allSatisfy(isSpace) { scalars = [] }
    case .replace(let pattern, let content):
      Self.replace(pattern, by: content, in: &scalars)
    case .sequence(let steps):
      for step in steps { step.apply(&scalars) }
    }
  }

  /// Scalar by scalar, so that a final sigma is a sigma like any other.
  static func lowercase(_ scalars: inout [UInt32]) {
    let tables = UnicodeTables.shared
    var result: [UInt32] = []
    result.reserveCapacity(scalars.count)
    for scalar in scalars {
      let mapping = tables.mappings[tables[scalar].mapping].lowercase
      if mapping.isEmpty {
        result.append(scalar)
      } else {
        result += tables.targets[mapping]
      }
    }
    scalars = result
  }

  private static func replace(_ pattern: [UInt32], by content: [UInt32], in text: inout [UInt32]) {
    var result: [UInt32] = []
    var index = 0
    while index < text.count {
      if text[index...].starts(with: pattern) {
        result += content
        index += pattern.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    text = result
  }
}

/// BERT's cleaning: control characters out, Chinese characters set apart, accents and case off.
struct BERTNormalizer: Sendable {
  var cleansText = true
  var separatesIdeographs = true
  var stripsAccents = true
  var lowercases = true

  /// Does the work for text that is all ASCII, and says whether it was.
  func applyToASCII(_ bytes: inout [UInt8]) -> Bool {
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return false }
    bytes.withUnsafeMutableBufferPointer { buffer in
      for index in buffer.indices {
        let byte = buffer[index]
        if lowercases && byte &- 0x41 < 26 {
          buffer[index] = byte | 0x20
        } else if cleansText && (byte == 0x09 || byte == 0x0A || byte == 0x0D) {
          buffer[index] = 0x20
        }
      }
    }
    if cleansText { bytes.removeAll { $0 < 0x20 || $0 == 0x7F } }
    return true
  }

  func apply(_ scalars: inout [UInt32]) {
    let tables = UnicodeTables.shared
    var result: [UInt32] = []
    result.reserveCapacity(scalars.count)
    for scalar in scalars {
      let properties = tables[scalar]
      if cleansText && properties.isAny(of: ScalarProperties.control) { continue }
      if cleansText && properties.isAny(of: ScalarProperties.whitespace) {
        result.append(0x20)
      } else if separatesIdeographs && properties.isAny(of: ScalarProperties.ideograph) {
        result.append(0x20)
        add(scalar, to: &result)
        result.append(0x20)
      } else {
        add(scalar, to: &result)
      }
    }
    if stripsAccents {
      NormalizationForm.order(&result)
      result.removeAll { tables[$0].isAny(of: ScalarProperties.nonspacingMark) }
    }
    scalars = result
    if lowercases { Normalizer.lowercase(&scalars) }
  }

  @inline(__always)
  private func add(_ scalar: UInt32, to result: inout [UInt32]) {
    if stripsAccents {
      NormalizationForm.decompose(scalar, compatibility: false, into: &result)
    } else {
      result.append(scalar)
    }
  }
}
