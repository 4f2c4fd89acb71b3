/// Puts special tokens around one sequence, or two, and gives every token its type.
struct PostProcessor: Sendable {
  enum Piece: Sendable {
    case first(typeID: Int)
    case second(typeID: Int)
    case special(tokens: [(id: Int, token: [UInt8])], typeID: Int)
  }

  /// Takes the spaces at a token's ends out of its offsets.
  struct Trim: Sendable {
    /// A space was put in front of the text, so that of the first token is not in it.
    var addsPrefixSpace: Bool
    /// The texts that have a special token in front already, which counts as the first.
    var hasFirst = (first: false, second: false)
  }

  var single: [Piece] = [.first(typeID: 0)]
  /// Without anything around them, a second sequence has type 1.
  var pair: [Piece] = [.first(typeID: 0), .second(typeID: 1)]
  var trims: [Trim] = []

  static func bert(cls: (Int, [UInt8]), sep: (Int, [UInt8])) -> PostProcessor {
    let sep = [(id: sep.0, token: sep.1)]
    let start: [Piece] = [
      .special(tokens: [(cls.0, cls.1)], typeID: 0), .first(typeID: 0),
      .special(tokens: sep, typeID: 0),
    ]
    return PostProcessor(
      single: start, pair: start + [.second(typeID: 1), .special(tokens: sep, typeID: 1)])
  }

  static func roberta(cls: (Int, [UInt8]), sep: (Int, [UInt8])) -> PostProcessor {
    let end = Piece.special(tokens: [(sep.0, sep.1)], typeID: 0)
    let start: [Piece] = [
      .special(tokens: [(cls.0, cls.1)], typeID: 0), .first(typeID: 0), end,
    ]
    return PostProcessor(single: start, pair: start + [end, .second(typeID: 0), end])
  }

  /// The largest id of a special token; −1 where there are none.
  var largestID: Int {
    (single + pair).reduce(-1) { largest, piece in
      guard case .special(let tokens, _) = piece else { return largest }
      return tokens.reduce(largest) { max($0, $1.id) }
    }
  }

  /// How many tokens the special ones are.
  func addedCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      if case .special(let tokens, _) = piece { count + tokens.count } else { count }
    }
  }

  func apply(
    first: consuming TextTokens, second: consuming TextTokens?, addSpecialTokens: Bool
  ) -> Encoding {
    for trim in trims {
      first.trim(trim, hasFirst: trim.hasFirst.first)
      second?.trim(trim, hasFirst: trim.hasFirst.second)
    }
    var encoding = Encoding()
    let isDetailed = first.isDetailed
    func append(_ tokens: TextTokens, _ typeID: Int) {
      encoding.ids += tokens.ids
      encoding.typeIDs += repeatElement(typeID, count: tokens.ids.count)
      guard isDetailed else { return }
      encoding.tokens += tokens.details.map { String(decoding: $0.token, as: UTF8.self) }
      encoding.offsets += tokens.details.map(\.offsets)
      encoding.wordIDs += tokens.details.map(\.word)
      encoding.specialTokensMask += repeatElement(0, count: tokens.ids.count)
    }
    for piece in second == nil ? single : pair {
      switch piece {
      case .first(let typeID): append(first, typeID)
      case .second(let typeID): if let second { append(second, typeID) }
      case .special(let tokens, let typeID):
        guard addSpecialTokens else { continue }
        encoding.ids += tokens.map(\.id)
        encoding.typeIDs += repeatElement(typeID, count: tokens.count)
        guard isDetailed else { continue }
        encoding.tokens += tokens.map { String(decoding: $0.token, as: UTF8.self) }
        encoding.offsets += repeatElement(0..<0, count: tokens.count)
        encoding.wordIDs += repeatElement(nil, count: tokens.count)
        encoding.specialTokensMask += repeatElement(1, count: tokens.count)
      }
    }
    return encoding
  }
}
