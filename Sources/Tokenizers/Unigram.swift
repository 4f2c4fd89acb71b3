/// The division of a word whose tokens are most probable together, by dynamic programming; what no
/// token covers is unknown, or spelled by tokens for its bytes.
///
/// Source: Kudo 2018; huggingface/tokenizers 3ba8ad0, src/models/unigram/model.rs.
struct Unigram: Sendable {
  /// The best way to a place in a word.
  struct Step {
    var score = 0.0
    /// Where its last token begins, −1 when no way leads there.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  let vocabulary: Vocabulary
  let unknown: Int
  /// Tokens that come twice counted twice.
  var size: Int { scores.count }
  /// Logarithms of probabilities by id.
  private let scores: [Double]
  private let trie: ByteTrie
  private let unknownScore: Double
  private let byteTokens: [Int]

  /// - Returns: nil when the vocabulary needs more room than a ``ByteTrie`` has.
  init?(_ pieces: [(token: [UInt8], score: Double)], unknown: Int, fallsBackToBytes: Bool) {
    let vocabulary = Vocabulary(pieces.enumerated().map { ($0.element.token, $0.offset) })
    self.vocabulary = vocabulary
    self.unknown = unknown
    scores = pieces.map(\.score)
    unknownScore = (scores.min() ?? 0) - 10
    var trie = ByteTrie(edges: pieces.count * 4)
    for (id, piece) in pieces.enumerated() where !piece.token.isEmpty {
      guard trie.insert(piece.token, Int32(id)) != nil else { return nil }
    }
    self.trie = trie
    byteTokens =
      fallsBackToBytes
      ? (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return vocabulary.id(of: Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)) ?? -1
      } : []
  }

  /// Appends the tokens of one word, `bytes[range]`.
  func encode(
    _ bytes: Bytes, _ range: Range<Int>, into tokens: inout ModelTokens, _ work: Workspace
  ) {
    work.path.removeAll(keepingCapacity: true)
    work.path.append(contentsOf: repeatElement(Step(), count: range.count + 1))
    work.path.withUnsafeMutableBufferPointer { path in
      var index = range.lowerBound
      while index < range.upperBound {
        let place = index - range.lowerBound
        let score = path[place].score
        let next = bytes.scalar(at: index).next
        var hasSingle = false
        func offer(_ candidate: Double, _ end: Int, _ id: Int32) {
          if path[end].start < 0 || candidate > path[end].score {
            path[end] = Step(score: candidate, start: Int32(place), id: id)
          }
        }
        trie.forEachPrefix(in: bytes, at: index, before: range.upperBound) { id, end in
          offer(scores[Int(id)] + score, end - range.lowerBound, id)
          if end == next { hasSingle = true }
        }
        if !hasSingle { offer(unknownScore + score, next - range.lowerBound, Int32(unknown)) }
        index = next
      }
      // The way back, its steps' starts turned round in place: each place on the way gets its end.
      var end = range.count
      var following = -1
      while end > 0 {
        let start = Int(path[end].start)
        path[end].score = Double(following)
        following = end
        end = start
      }
      var start = 0
      while following >= 0 {
        end = following
        if path[end].id == unknown {
          while true {
            let next = Int(path[end].score)
            guard next >= 0, path[next].id == unknown else { break }
            end = next
          }
          addUnknown(bytes, range.lowerBound + start..<range.lowerBound + end, to: &tokens)
        } else {
          tokens.append(Int(path[end].id), range.lowerBound + start, range.lowerBound + end)
        }
        start = end
        following = Int(path[end].score)
      }
    }
  }

  private func addUnknown(_ bytes: Bytes, _ range: Range<Int>, to tokens: inout ModelTokens) {
    let id = vocabulary.id(Bytes(rebasing: bytes[range]))
    if id >= 0 { return tokens.append(id, range.lowerBound, range.upperBound) }
    if !byteTokens.isEmpty, range.allSatisfy({ byteTokens[Int(bytes[$0])] >= 0 }) {
      for index in range {
        tokens.append(byteTokens[Int(bytes[index])], range.lowerBound, range.upperBound)
      }
      return
    }
    tokens.append(unknown, range.lowerBound, range.upperBound)
  }
}
