import Foundation

/// Turns text into the ids a model was trained on, as the Hugging Face `tokenizers` library does.
///
/// Built from a `tokenizer.json`, from BERT's `vocab.txt`, or from `vocab.json` and `merges.txt`.
public struct Tokenizer: Sendable {
  /// What a tokenizer's file says.
  struct Parts: Sendable {
    var normalizer: Normalizer?
    var preTokenizer: PreTokenizer?
    var model: Model
    var postProcessor = PostProcessor()
    var decoder = Decoder.spaces
    var addedTokens: [AddedToken] = []
    var truncation: Truncation?
    var padding: Padding?
    /// What fills up texts if no file says it.
    var paddingToken: [UInt8]?
  }

  /// The file that it was read from, for errors.
  private let source: String
  private let parts: Parts
  private let added: AddedTokens
  /// Whether origins decide about ids, not about offsets alone.
  private let needsOrigins: Bool
  private let workspaces = Workspaces()
  /// At which end texts are cut when only a length is given.
  private let truncationSide: Side

  /// How a batch is padded when nothing else is asked for: to its longest text, with the padding
  /// token.
  public let padding: Padding
  /// The truncation stored in `tokenizer.json`; it is used only when handed to a call.
  public var storedTruncation: Truncation? { parts.truncation }
  /// The padding stored in `tokenizer.json`; it is used only when handed to a call.
  public var storedPadding: Padding? { parts.padding }

  /// Reads a model's folder: `tokenizer.json`, else `vocab.json` and `merges.txt`, else `vocab.txt`.
  /// `tokenizer_config.json`, if there is one, names the padding token and the side it goes to, and
  /// how texts are normalised where there is no `tokenizer.json`.
  ///
  /// - Throws: ``TokenizerError`` that names the file and everything in it that is not supported.
  public init(folder: String) throws {
    let configuration = try TokenizerConfiguration(folder: folder)
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: "\(folder)/\(name)")
    }
    if has("tokenizer.json") {
      let file = folder + "/tokenizer.json"
      try self.init(TokenizerFile.read(file), configuration, source: file)
    } else if has("vocab.json") && has("merges.txt") {
      try self.init(
        MergesFile.read(folder, configuration), configuration, source: folder + "/vocab.json")
    } else if has("vocab.txt") {
      let file = folder + "/vocab.txt"
      try self.init(VocabularyFile.read(file, configuration), configuration, source: file)
    } else {
      throw TokenizerError(
        "\(folder): has no tokenizer.json, no vocab.json with merges.txt and no vocab.txt; a "
          + "tokenizer is made of one of them.")
    }
  }

  /// Reads a `tokenizer.json`.
  ///
  /// - Throws: ``TokenizerError`` that names the file and everything in it that is not supported.
  public init(file: String) throws {
    try self.init(TokenizerFile.read(file), TokenizerConfiguration(), source: file)
  }

  private init(
    _ parts: Parts, _ configuration: TokenizerConfiguration, source: String
  ) throws(TokenizerError) {
    self.source = source
    var parts = parts
    parts.letModelReadBytes()
    self.parts = parts
    let vocabulary = parts.model.vocabulary
    let added = try Self.naming(source) {
      try AddedTokens(parts.addedTokens, model: parts.model, normalizer: parts.normalizer)
    }
    self.added = added
    func id(_ token: [UInt8]) -> Int? { added.id(of: token) ?? vocabulary.id(of: token) }
    padding = Padding(
      side: configuration.paddingSide,
      id: (configuration.token("pad_token") ?? parts.paddingToken).flatMap(id) ?? parts.padding?.id
        ?? id(Array("[PAD]".utf8)) ?? id(Array("<pad>".utf8)) ?? 0)
    truncationSide = configuration.truncationSide
    needsOrigins =
      parts.preTokenizer?.asksForOrigins(isFirst: true, isNormalized: parts.normalizer != nil)
      ?? false
  }

  /// Runs `body`; what it throws about a text names the tokenizer's file.
  private static func naming<Result>(
    _ source: String, _ body: () throws -> Result
  ) throws(TokenizerError) -> Result {
    do { return try body() } catch let error as TextError {
      throw TokenizerError("\(source): \(error.reason).")
    } catch { fatalError("Tokenizer: \(error)") }
  }

  /// The id that fills up the shorter texts of a batch.
  public var padID: Int { padding.id }

  /// Tokens of the model and added ones together.
  public var vocabularySize: Int {
    let vocabulary = parts.model.vocabulary
    return parts.model.size + added.ids.keys.count { vocabulary.id(of: $0) == nil }
  }

  /// The largest id that a text can get where no added token is spelled in it: of the vocabulary, of
  /// the special tokens put around it, and of padding.
  public var largestID: Int {
    max(parts.model.vocabulary.largestID, parts.postProcessor.largestID, padding.id)
  }

  /// The id of one token, spelled as in the vocabulary.
  public func id(of token: String) -> Int? {
    let bytes = Array(token.utf8)
    return added.id(of: bytes) ?? parts.model.vocabulary.id(of: bytes)
  }

  /// The token with an id, spelled as in the vocabulary.
  public func token(of id: Int) -> String? {
    (added.tokens[id]?.content ?? parts.model.vocabulary.token(of: id)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Encodes one text, or a pair of them.
  ///
  /// Decoding and every way of encoding throw ``TokenizerError`` where an expression or a replacement
  /// of the tokenizer's own takes time or memory without measure on the text.
  ///
  /// - Parameters:
  ///   - maxLength: Tokens at most, special ones included; nil cuts nothing. Of a pair, the longer
  ///     text is cut first.
  public func encode(
    _ text: String, pair: String? = nil, addSpecialTokens: Bool = true, maxLength: Int? = nil
  ) throws(TokenizerError) -> Encoding {
    try encode(
      text, pair: pair, addSpecialTokens: addSpecialTokens,
      truncation: maxLength.map { Truncation(maxLength: $0, side: truncationSide) })
  }

  /// Encodes one text, or a pair of them, cut as `truncation` says.
  public func encode(
    _ text: String, pair: String? = nil, addSpecialTokens: Bool = true, truncation: Truncation?
  ) throws(TokenizerError) -> Encoding {
    try encode(text, pair, addSpecialTokens, truncation, isDetailed: true)
  }

  /// Encodes one text, or a pair of them, to ids and types alone, which takes less time.
  public func encodeFast(
    _ text: String, pair: String? = nil, addSpecialTokens: Bool = true, maxLength: Int? = nil
  ) throws(TokenizerError) -> Encoding {
    let truncation = maxLength.map { Truncation(maxLength: $0, side: truncationSide) }
    return try encode(text, pair, addSpecialTokens, truncation, isDetailed: false)
  }

  private func encode(
    _ text: String, _ pair: String?, _ addSpecialTokens: Bool, _ truncation: Truncation?,
    isDetailed: Bool
  ) throws(TokenizerError) -> Encoding {
    func tokens(_ text: String) throws(TokenizerError) -> TextTokens {
      try Self.naming(source) {
        try workspaces.with { work in
          var text = text
          return try text.withUTF8 {
            try TextEncoder(
              parts: parts, added: added, tracksOrigins: isDetailed || needsOrigins,
              isDetailed: isDetailed, work: work
            ).encode($0)
          }
        }
      }
    }
    var first = try tokens(text)
    var second: TextTokens?
    if let pair { second = try tokens(pair) }
    if let truncation {
      let special =
        addSpecialTokens ? parts.postProcessor.addedCount(isPair: second != nil) : 0
      truncation.apply(&first, &second, room: max(0, truncation.maxLength - special))
    }
    return parts.postProcessor.apply(
      first: first, second: second, addSpecialTokens: addSpecialTokens)
  }

  /// Encodes texts with special tokens, each cut to `maxLength` tokens, padded to the longest.
  public func encodeBatch(
    _ texts: [String], maxLength: Int? = 512
  ) throws(TokenizerError) -> BatchEncoding {
    try encodeBatch(
      texts, truncation: maxLength.map { Truncation(maxLength: $0, side: truncationSide) },
      padding: padding)
  }

  /// Encodes texts with special tokens, cut and padded as asked.
  public func encodeBatch(
    _ texts: [String], truncation: Truncation?, padding: Padding
  ) throws(TokenizerError) -> BatchEncoding {
    var encodings: [Encoding] = []
    for text in texts {
      encodings.append(try encode(text, nil, true, truncation, isDetailed: false))
    }
    return padding.apply(encodings)
  }

  /// Turns ids back into text; ids that no token has are left out.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) throws(TokenizerError) -> String
  {
    var tokens = ids.compactMap { id -> [UInt8]? in
      let token = added.spelling(of: id) ?? parts.model.vocabulary.token(of: id)
      guard let token, !(skipSpecialTokens && added.isSpecial(token)) else { return nil }
      return token
    }
    tokens = try Self.naming(source) {
      var (result, room) = (tokens, tokens.reduce(1024) { $0 + 32 * $1.count })
      try parts.decoder.apply(&result, room: &room)
      return result
    }
    return String(decoding: Array(tokens.joined()), as: UTF8.self)
  }

  /// The text as the normaliser leaves it; added tokens are not looked for.
  package func normalized(_ text: String) throws -> String {
    var text = text
    var normalized = text.withUTF8 { NormalizedText($0, 0..<$0.count, tracksOrigins: false) }
    try parts.normalizer?.apply(&normalized)
    return String(decoding: normalized.bytes, as: UTF8.self)
  }

  /// The words that the pre-tokenizer makes of normalised text.
  package func words(_ text: String) throws -> [String] {
    var text = text
    var normalized = text.withUTF8 { NormalizedText($0, 0..<$0.count, tracksOrigins: true) }
    var words = [0..<normalized.bytes.count]
    try parts.preTokenizer?.apply(&normalized, &words)
    return words.map { String(decoding: normalized.bytes[$0], as: UTF8.self) }
  }
}
