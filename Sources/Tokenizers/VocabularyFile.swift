/// BERT's `vocab.txt`: a token a line, its id the line's number from 0.
enum VocabularyFile {
  /// Builds what `BertTokenizer` builds from the same file and configuration.
  static func read(
    _ path: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> Tokenizer.Parts {
    var lines = try readBytes(path).split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var entries: [(token: [UInt8], id: Int)] = []
    for (id, line) in lines.enumerated() {
      entries.append((Array(line.last == 0x0D ? line.dropLast() : line), id))
    }
    let vocabulary = Vocabulary(entries)

    func special(_ key: String, _ standard: String) -> [UInt8] {
      configuration.token(key) ?? Array(standard.utf8)
    }
    let names = [
      special("unk_token", "[UNK]"), special("sep_token", "[SEP]"), special("pad_token", "[PAD]"),
      special("cls_token", "[CLS]"), special("mask_token", "[MASK]"),
    ]
    guard let unknown = vocabulary.id(of: names[0]), let sep = vocabulary.id(of: names[1]),
      let cls = vocabulary.id(of: names[3])
    else {
      let wanted = [names[0], names[1], names[3]].filter { vocabulary.id(of: $0) == nil }
        .map { String(decoding: $0, as: UTF8.self) }
      throw TokenizerError(
        "\(path): lacks \(wanted.joined(separator: ", ")); a BERT vocabulary has a line for each.")
    }
    let prefix = Array("##".utf8)
    guard
      let model = WordPiece(
        vocabulary: vocabulary, unknown: unknown, prefix: prefix, longestWord: 100)
    else { throw TokenizerError("\(path): has more text than a vocabulary can hold.") }
    let own = configuration.addedTokens
    let specials = names.filter { name in !own.contains { $0.content == name } }
    let normalizer = BERTNormalizer(
      separatesIdeographs: configuration.separatesIdeographs,
      stripsAccents: configuration.stripsAccents ?? configuration.lowercases,
      lowercases: configuration.lowercases)
    return Tokenizer.Parts(
      normalizer: .bert(normalizer), preTokenizer: .bert,
      model: .wordPiece(model),
      postProcessor: .bert(cls: (cls, names[3]), sep: (sep, names[1])),
      decoder: .wordPiece(prefix: prefix, cleanup: true),
      addedTokens: own
        + specials.map { AddedToken(content: $0, isNormalized: false, isSpecial: true) })
  }
}
