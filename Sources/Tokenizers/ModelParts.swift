extension TokenizerFile {
  mutating func model(_ json: JSON) -> Model? {
    switch json["type"]?.string ?? Self.guess(json) {
    case "BPE": return bpe(json)
    case "Unigram": return unigram(json)
    case "WordLevel": return wordLevel(json)
    case "WordPiece": return wordPiece(json)
    default: return json.isNull ? problem("no model") : unsupported("model", json)
    }
  }

  /// Early files name no type.
  private static func guess(_ json: JSON) -> String? {
    guard json["type"] == nil, let vocabulary = json["vocab"] else { return nil }
    if json["merges"] != nil { return "BPE" }
    if vocabulary.array != nil { return "Unigram" }
    if json["max_input_chars_per_word"] != nil { return "WordPiece" }
    return json["unk_token"] != nil ? "WordLevel" : nil
  }

  private static func text(_ token: [UInt8]) -> String { String(decoding: token, as: UTF8.self) }

  /// `vocab` as an object of ids.
  mutating func vocabulary(_ json: JSON?) -> Vocabulary? {
    guard let members = json?.members else { return problem("the vocabulary is not an object") }
    var entries: [(token: [UInt8], id: Int)] = []
    entries.reserveCapacity(members.count)
    var size = 0
    for (token, id) in members {
      guard let id = id.id else {
        return problem("the vocabulary's id of \(Self.text(token)) is not a number")
      }
      size += token.count
      entries.append((token, id))
    }
    guard size < Int(Int32.max) else { return problem("the vocabulary has too much text") }
    return Vocabulary(entries)
  }

  private mutating func unknown(_ token: [UInt8], _ vocabulary: Vocabulary) -> Int? {
    vocabulary.id(of: token) ?? problem("unk_token \(Self.text(token)) is not in the vocabulary")
  }

  private mutating func wordPiece(_ json: JSON) -> Model? {
    guard let vocabulary = vocabulary(json["vocab"]),
      let unknown = unknown(json["unk_token"]?.bytes ?? Array("[UNK]".utf8), vocabulary)
    else { return nil }
    let model = WordPiece(
      vocabulary: vocabulary, unknown: unknown,
      prefix: json["continuing_subword_prefix"]?.bytes ?? Array("##".utf8),
      longestWord: json["max_input_chars_per_word"]?.integer ?? 100)
    return model.map { .wordPiece($0) } ?? problem("the vocabulary has too much text")
  }

  private mutating func wordLevel(_ json: JSON) -> Model? {
    guard let vocabulary = vocabulary(json["vocab"]),
      let unknown = unknown(json["unk_token"]?.bytes ?? Array("<unk>".utf8), vocabulary)
    else { return nil }
    return .wordLevel(WordLevel(vocabulary: vocabulary, unknown: unknown))
  }

  private mutating func unigram(_ json: JSON) -> Model? {
    guard let list = json["vocab"]?.array else { return problem("Unigram's vocab is not a list") }
    var pieces: [(token: [UInt8], score: Double)] = []
    pieces.reserveCapacity(list.count)
    for (place, piece) in list.enumerated() {
      guard let pair = piece.array, pair.count == 2, let token = pair[0].bytes,
        let score = pair[1].double
      else { return problem("Unigram's vocab[\(place)] is not a token and a number") }
      pieces.append((token, score))
    }
    guard let unknown = json["unk_id"]?.integer, unknown >= 0, unknown < pieces.count else {
      return problem("Unigram without an unk_id in its vocabulary")
    }
    let fallsBack = flag(json, "byte_fallback", "Unigram", else: false)
    return Unigram(pieces, unknown: unknown, fallsBackToBytes: fallsBack).map { .unigram($0) }
      ?? problem("the vocabulary has too much text")
  }

  private mutating func bpe(_ json: JSON) -> Model? {
    if let dropout = json["dropout"]?.double, dropout != 0 {
      return problem("BPE with dropout, which draws ids by chance")
    }
    guard let vocabulary = vocabulary(json["vocab"]) else { return nil }
    guard let list = json["merges"]?.array else { return problem("BPE's merges are not a list") }
    var merges: [(first: [UInt8], second: [UInt8])] = []
    merges.reserveCapacity(list.count)
    for (place, merge) in list.enumerated() {
      if let text = merge.bytes {
        if text.starts(with: Array("#version".utf8)) { continue }
        let parts = text.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return problem("BPE's merges[\(place)] is not two tokens") }
        merges.append((Array(parts[0]), Array(parts[1])))
      } else if let pair = merge.array, pair.count == 2, let first = pair[0].bytes,
        let second = pair[1].bytes
      {
        merges.append((first, second))
      } else {
        return problem("BPE's merges[\(place)] is not two tokens")
      }
    }
    var options = BPE.Options(
      prefix: json["continuing_subword_prefix"]?.bytes ?? [],
      suffix: json["end_of_word_suffix"]?.bytes ?? [],
      fusesUnknown: flag(json, "fuse_unk", "BPE", else: false),
      fallsBackToBytes: flag(json, "byte_fallback", "BPE", else: false),
      ignoresMerges: flag(json, "ignore_merges", "BPE", else: false))
    if let token = json["unk_token"]?.bytes {
      guard let unknown = unknown(token, vocabulary) else { return nil }
      options.unknown = unknown
    }
    return bpe(vocabulary, merges, options)
  }

  mutating func bpe(
    _ vocabulary: Vocabulary, _ merges: [(first: [UInt8], second: [UInt8])], _ options: BPE.Options
  ) -> Model? {
    var table = MergeTable(capacity: merges.count)
    for (rank, (first, second)) in merges.enumerated() {
      let whole = first + second.dropFirst(options.prefix.count)
      guard let left = vocabulary.id(of: first), let right = vocabulary.id(of: second),
        let id = vocabulary.id(of: whole)
      else {
        let missing = [first, second, whole].first { vocabulary.id(of: $0) == nil }!
        return problem(
          "BPE's merge \(rank + 1) has \(Self.text(missing)), which is not in the vocabulary")
      }
      table.insert(Int32(left), Int32(right), Merge(rank: Int32(rank), id: Int32(id)))
    }
    return .bpe(BPE(vocabulary, table, options, readsBytes: false))
  }
}
