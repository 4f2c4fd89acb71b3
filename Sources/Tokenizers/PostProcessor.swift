/// Puts special tokens around one sequence, or two, and gives every token its type.
struct PostProcessor: Sendable {
  enum Piece: Sendable {
    case first(typeID: Int)
    case second(typeID: Int)
    case special(ids: [Int], typeID: Int)
  }

  var single: [Piece]
  var pair: [Piece]

  /// Nothing around them; a second sequence has type 1.
  static let none = PostProcessor(
    single: [.first(typeID: 0)], pair: [.first(typeID: 0), .second(typeID: 1)])

  static func bert(cls: Int, sep: Int) -> PostProcessor {
    let start: [Piece] = [
      .special(ids: [cls], typeID: 0), .first(typeID: 0), .special(ids: [sep], typeID: 0),
    ]
    return PostProcessor(
      single: start, pair: start + [.second(typeID: 1), .special(ids: [sep], typeID: 1)])
  }

  /// How many tokens the special ones are.
  func addedCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      if case .special(let ids, _) = piece { count + ids.count } else { count }
    }
  }

  func apply(first: [Int], second: [Int]?, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    func append(_ ids: [Int], _ typeID: Int) {
      encoding.ids += ids
      encoding.typeIDs += repeatElement(typeID, count: ids.count)
    }
    for piece in second == nil ? single : pair {
      switch piece {
      case .first(let typeID): append(first, typeID)
      case .second(let typeID): append(second ?? [], typeID)
      case .special(let ids, let typeID): if addSpecialTokens { append(ids, typeID) }
      }
    }
    return encoding
  }
}
