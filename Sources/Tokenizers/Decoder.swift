/// Joins tokens into text.
enum Decoder: Sendable {
  /// A space between any two tokens.
  case spaces
  /// A space before each token that does not begin with `prefix`, which is taken off; `cleanup`
  /// takes back the spaces that splitting at punctuation made.
  case wordPiece(prefix: [UInt8], cleanup: Bool)

  func decode(_ tokens: [[UInt8]]) -> [UInt8] {
    switch self {
    case .spaces:
      return Array(tokens.joined(separator: [0x20]))
    case .wordPiece(let prefix, let cleanup):
      var text: [UInt8] = []
      for (place, token) in tokens.enumerated() {
        var piece = token
        if place > 0 {
          if token.starts(with: prefix) {
            piece = Array(token.dropFirst(prefix.count))
          } else {
            piece.insert(0x20, at: 0)
          }
        }
        text += cleanup && piece.contains(0x20) ? Self.cleaned(piece) : piece
      }
      return text
    }
  }

  /// The library cleans token by token, so that a pattern never spans two.
  private static func cleaned(_ piece: [UInt8]) -> [UInt8] {
    var piece = piece
    for (pattern, content) in replacements where piece.count >= pattern.count {
      var result: [UInt8] = []
      var index = 0
      while index < piece.count {
        if piece[index] == pattern[0], piece[index...].starts(with: pattern) {
          result += content
          index += pattern.count
        } else {
          result.append(piece[index])
          index += 1
        }
      }
      piece = result
    }
    return piece
  }

  private static let replacements: [(pattern: [UInt8], content: [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
}
