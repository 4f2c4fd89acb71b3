/// What turns a word into ids. Another family of models is one more case here, and one more branch
/// in `TokenizerFile.model`.
enum Model: Sendable {
  case wordPiece(WordPiece)

  var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.vocabulary
    }
  }

  /// Appends the ids of one word, `bytes[range]`.
  func encode(_ bytes: [UInt8], _ range: Range<Int>, into ids: inout [Int]) {
    switch self {
    case .wordPiece(let model): model.encode(bytes, range, into: &ids)
    }
  }
}
