import Foundation

/// Room that encoding works in, and the words it has met: kept from text to text, one for each thread
/// at a time.
final class Workspace {
  var words: [Range<Int>] = []
  var symbols: [BPE.Symbol] = []
  var queue = MergeQueue()
  var path: [Unigram.Step] = []
  private(set) var met = ByteTable(capacity: 1 << 10)
  /// Ids of the words met, one after the other, and where each word's begin.
  private var ids: [Int] = []
  private var starts: [Int] = [0]

  /// Longer words are not remembered, nor are more than so many.
  private static let longest = 64
  private static let most = 1 << 17

  /// Appends the ids of a word: those remembered, else those that `encode` appends.
  @inline(__always)
  func remember(
    _ word: Bytes, into tokens: inout ModelTokens, _ encode: (inout ModelTokens) -> Void
  ) {
    if word.count > Self.longest { return encode(&tokens) }
    let hash = ByteTable.hash(word)
    let place = met.place(word, hash)
    if place >= 0 {
      for index in starts[place]..<starts[place + 1] { tokens.ids.append(ids[index]) }
      return
    }
    let first = tokens.ids.count
    encode(&tokens)
    guard met.count < Self.most else { return }
    met.insert(word, 0)
    ids += tokens.ids[first...]
    starts.append(ids.count)
  }
}

/// The workspaces of a tokenizer that no thread is using.
final class Workspaces: @unchecked Sendable {
  private let lock = NSLock()
  private var idle: [Workspace] = []

  func with<Result>(_ body: (Workspace) throws -> Result) rethrows -> Result {
    let work = lock.withLock { idle.popLast() } ?? Workspace()
    defer { lock.withLock { idle.append(work) } }
    return try body(work)
  }
}
