/// Byte-pair encoding: a word begins as single symbols, and neighbours become one symbol in the order
/// in which training found their merges.
///
/// Source: Sennrich et al. 2016; huggingface/tokenizers 3ba8ad0, src/models/bpe/model.rs and word.rs.
struct BPE: Sendable {
  struct Options: Sendable {
    var unknown: Int?
    /// Put before symbols that do not begin a word.
    var prefix: [UInt8] = []
    /// Put behind the symbol that ends a word.
    var suffix: [UInt8] = []
    /// Unknown symbols in a row are one token.
    var fusesUnknown = false
    /// Unknown symbols are spelled by tokens for their bytes.
    var fallsBackToBytes = false
    /// A word that is a token is never merged otherwise.
    var ignoresMerges = false
  }

  /// A part of a word.
  struct Symbol {
    var id: Int32
    /// Bytes of the word.
    var length: Int32
    /// What it becomes with the next one, and how early; `.max` where nothing.
    var rank: Int32 = .max
    var merged: Int32 = 0
    var previous: Int32 = -1, next: Int32 = -1
  }

  let vocabulary: Vocabulary
  let options: Options
  private let merges: MergeTable
  /// Tokens `<0x00>` to `<0xFF>`, if symbols may fall back to them.
  private let byteTokens: [Int]
  /// Symbols of single bytes by whether they begin and end a word, when words come as raw bytes.
  private let byteSymbols: [Int32]
  /// Tokens by the raw bytes they stand for, when words come as raw bytes and may be tokens.
  private let byteVocabulary: Vocabulary?
  /// Whether text may be cut before each ▁ that follows another scalar, because nothing merges across.
  let cutsAtMetaspace: Bool

  private static let metaspace: [UInt8] = [0xE2, 0x96, 0x81]

  /// - Parameters:
  ///   - readsBytes: Words come as raw bytes, and tokens are spelled in the byte alphabet. Ask
  ///     ``hasAllBytes`` first.
  init(_ vocabulary: Vocabulary, _ merges: MergeTable, _ options: Options, readsBytes: Bool) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.options = options
    byteTokens =
      options.fallsBackToBytes
      ? (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return vocabulary.id(of: Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)) ?? -1
      } : []
    byteSymbols = readsBytes ? Self.byteSymbols(vocabulary, options) : []
    byteVocabulary =
      readsBytes && options.ignoresMerges
      ? Vocabulary(
        vocabulary.entries.compactMap { token, id in
          ByteAlphabet.bytes(of: token).map { ($0, id) }
        }) : nil
    cutsAtMetaspace =
      !readsBytes && !options.ignoresMerges && options.prefix.isEmpty && options.suffix.isEmpty
      && vocabulary.id(of: Self.metaspace) != nil && Self.nothingCrosses(vocabulary, merges)
  }

  /// The same model over words of raw bytes, nil when a byte has no token of its own.
  func readingBytes() -> BPE? {
    guard Self.byteSymbols(vocabulary, options).allSatisfy({ $0 >= 0 }) else { return nil }
    return BPE(vocabulary, merges, options, readsBytes: true)
  }

  var readsBytes: Bool { !byteSymbols.isEmpty }

  private static func byteSymbols(_ vocabulary: Vocabulary, _ options: Options) -> [Int32] {
    var symbols: [Int32] = []
    for place in 0..<4 {
      for scalar in ByteAlphabet.scalars {
        var spelling = place & 1 == 0 ? [] : options.prefix
        spelling.append(utf8: scalar)
        if place & 2 != 0 { spelling += options.suffix }
        symbols.append(Int32(vocabulary.id(of: spelling) ?? -1))
      }
    }
    return symbols
  }

  /// Whether no merge makes a token that has a ▁ behind anything else.
  private static func nothingCrosses(_ vocabulary: Vocabulary, _ merges: MergeTable) -> Bool {
    merges.results.allSatisfy { id in
      guard let token = vocabulary.token(of: id) else { return false }
      var isFirst = true
      var lastWasMetaspace = false
      var crosses = false
      token.forEachScalar { scalar, _ in
        if scalar == 0x2581 && !isFirst && !lastWasMetaspace { crosses = true }
        isFirst = false
        lastWasMetaspace = scalar == 0x2581
      }
      return !crosses
    }
  }

  /// Appends the tokens of one word, `bytes[range]`.
  func encode(
    _ bytes: Bytes, _ range: Range<Int>, into tokens: inout ModelTokens, _ work: Workspace
  ) {
    guard cutsAtMetaspace else { return encodeWord(bytes, range, into: &tokens, work) }
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start
      while bytes.has(Self.metaspace, at: end, before: range.upperBound) { end += 3 }
      while end < range.upperBound,
        bytes[end] != 0xE2 || !bytes.has(Self.metaspace, at: end, before: range.upperBound)
      {
        end += 1
      }
      if tokens.wantsRanges {
        encodeWord(bytes, start..<end, into: &tokens, work)
      } else {
        work.remember(Bytes(rebasing: bytes[start..<end]), into: &tokens) {
          encodeWord(bytes, start..<end, into: &$0, work)
        }
      }
      start = end
    }
  }

  private func encodeWord(
    _ bytes: Bytes, _ range: Range<Int>, into tokens: inout ModelTokens, _ work: Workspace
  ) {
    if options.ignoresMerges {
      let id = (byteVocabulary ?? vocabulary).id(Bytes(rebasing: bytes[range]))
      if id >= 0 { return tokens.append(id, range.lowerBound, range.upperBound) }
    }
    work.symbols.removeAll(keepingCapacity: true)
    if readsBytes {
      for index in range {
        let place =
          (index == range.lowerBound ? 0 : 256) + (index == range.upperBound - 1 ? 512 : 0)
        work.symbols.append(Symbol(id: byteSymbols[place + Int(bytes[index])], length: 1))
      }
    } else {
      addSymbols(bytes, range, to: &work.symbols)
    }
    if work.symbols.count < 64 { mergeFew(&work.symbols) } else { mergeMany(work) }
    var start = range.lowerBound
    for symbol in work.symbols where symbol.length > 0 {
      tokens.append(Int(symbol.id), start, start + Int(symbol.length))
      start += Int(symbol.length)
    }
  }

  /// The symbols that a word begins as. An unknown one waits for the next known one, so that bytes it
  /// is not spelled by come before it; the library has it so.
  private func addSymbols(_ bytes: Bytes, _ range: Range<Int>, to symbols: inout [Symbol]) {
    var pending: Symbol?
    var spelling: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let next = bytes.scalar(at: index).next
      let length = Int32(next - index)
      let isPlain =
        (options.prefix.isEmpty || index == range.lowerBound)
        && (options.suffix.isEmpty || next < range.upperBound)
      var id: Int
      if isPlain {
        id = vocabulary.id(Bytes(rebasing: bytes[index..<next]))
        if id < 0 { spelling = Array(bytes[index..<next]) }
      } else {
        spelling = index == range.lowerBound ? [] : options.prefix
        spelling += bytes[index..<next]
        if next == range.upperBound { spelling += options.suffix }
        id = spelling.withUnsafeBufferPointer(vocabulary.id)
      }
      index = next
      if id >= 0 {
        if let unknown = pending { symbols.append(unknown) }
        pending = nil
        symbols.append(Symbol(id: Int32(id), length: length))
        continue
      }
      if options.fallsBackToBytes, spelling.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
        for byte in spelling {
          symbols.append(Symbol(id: Int32(byteTokens[Int(byte)]), length: 1))
        }
        continue
      }
      guard let unknown = options.unknown else { continue }
      if let waiting = pending, options.fusesUnknown {
        pending = Symbol(id: waiting.id, length: waiting.length + length)
      } else {
        if let waiting = pending { symbols.append(waiting) }
        pending = Symbol(id: Int32(unknown), length: length)
      }
    }
    if let pending { symbols.append(pending) }
  }

  /// Looks for the earliest merge again and again, which is fastest for a few symbols.
  private func mergeFew(_ symbols: inout [Symbol]) {
    var count = symbols.count
    symbols.withUnsafeMutableBufferPointer { symbols in
      func find(_ index: Int) {
        guard index + 1 < count, let merge = merges[symbols[index].id, symbols[index + 1].id]
        else { return symbols[index].rank = .max }
        symbols[index].rank = merge.rank
        symbols[index].merged = merge.id
      }
      for index in 0..<count { find(index) }
      while count > 1 {
        var best = 0
        for index in 1..<count where symbols[index].rank < symbols[best].rank { best = index }
        guard symbols[best].rank < .max else { break }
        symbols[best].id = symbols[best].merged
        symbols[best].length += symbols[best + 1].length
        for index in best + 1..<count - 1 { symbols[index] = symbols[index + 1] }
        count -= 1
        find(best)
        if best > 0 { find(best - 1) }
      }
    }
    symbols.removeLast(symbols.count - count)
  }

  /// Keeps the merges in a queue, in time n log n. Symbols that went have no length.
  private func mergeMany(_ work: Workspace) {
    let merges = self.merges
    var queue = MergeQueue()
    swap(&queue, &work.queue)
    work.symbols.withUnsafeMutableBufferPointer { symbols in
      for index in symbols.indices {
        symbols[index].previous = Int32(index - 1)
        symbols[index].next = index + 1 < symbols.count ? Int32(index + 1) : -1
      }
      func push(_ index: Int32) {
        let next = symbols[Int(index)].next
        guard next >= 0, let merge = merges[symbols[Int(index)].id, symbols[Int(next)].id] else {
          return
        }
        queue.push(merge, at: Int(index))
      }
      for index in symbols.indices { push(Int32(index)) }
      while let item = queue.pop() {
        let index = item.position
        let next = Int(symbols[index].next)
        guard symbols[index].length > 0, next >= 0,
          merges[symbols[index].id, symbols[next].id]?.id == item.id
        else { continue }
        symbols[index].id = item.id
        symbols[index].length += symbols[next].length
        symbols[index].next = symbols[next].next
        symbols[next].length = 0
        if symbols[next].next >= 0 {
          symbols[Int(symbols[next].next)].previous = Int32(index)
        }
        if symbols[index].previous >= 0 { push(symbols[index].previous) }
        push(Int32(index))
      }
    }
    swap(&queue, &work.queue)
  }
}
