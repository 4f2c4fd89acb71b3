/// Reads `tokenizer.json`, the format of the Hugging Face `tokenizers` library.
struct TokenizerFile {
  /// Everything that is not understood, so that one error can list it all.
  private var problems: [String] = []

  static let supported =
    "model WordPiece; normalizers BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, StripAccents, "
    + "Strip, Replace of a string, Sequence; pre-tokenizers BertPreTokenizer, Whitespace, "
    + "WhitespaceSplit, Punctuation, Sequence; post-processors TemplateProcessing, "
    + "BertProcessing; decoder WordPiece"

  static func read(_ path: String) throws(TokenizerError) -> Tokenizer.Parts {
    let json = try JSON.read(path)
    var file = TokenizerFile()
    let parts = file.parts(json)
    guard file.problems.isEmpty, let parts else {
      throw TokenizerError(
        "\(path): not understood: \(file.problems.joined(separator: "; ")). Supported: "
          + "\(supported).")
    }
    return parts
  }

  private mutating func parts(_ json: JSON) -> Tokenizer.Parts? {
    let normalizer = part(json["normalizer"]) { $0.normalizer($1) }
    let preTokenizer = part(json["pre_tokenizer"]) { $0.preTokenizer($1) }
    let postProcessor = part(json["post_processor"]) { $0.postProcessor($1) }
    let decoder = part(json["decoder"]) { $0.decoder($1) }
    var addedTokens: [AddedToken] = []
    for (place, token) in (json["added_tokens"]?.array ?? []).enumerated() {
      if let token = AddedToken(token) {
        addedTokens.append(token)
      } else {
        problems.append("added_tokens[\(place)] has no content")
      }
    }
    let truncation = part(json["truncation"]) { $0.truncation($1) }
    let padding = part(json["padding"]) { $0.padding($1) }
    guard let model = model(json["model"] ?? .null) else { return nil }
    return Tokenizer.Parts(
      normalizer: normalizer, preTokenizer: preTokenizer, model: model,
      postProcessor: postProcessor ?? .none, decoder: decoder ?? .spaces,
      addedTokens: addedTokens, truncation: truncation, padding: padding)
  }

  /// A part that is absent or null is nil; one that is not understood leaves a problem as well.
  private mutating func part<Part>(
    _ json: JSON?, _ read: (inout TokenizerFile, JSON) -> Part?
  ) -> Part? {
    guard let json, !json.isNull else { return nil }
    return read(&self, json)
  }

  private mutating func unsupported<Part>(_ kind: String, _ json: JSON) -> Part? {
    problems.append("\(kind) \(json["type"]?.string ?? "without a type")")
    return nil
  }

  private mutating func flag(_ json: JSON, _ key: String, _ owner: String) -> Bool {
    if let value = json[key]?.bool { return value }
    problems.append("\(owner)'s \(key) is not true or false")
    return false
  }

  // MARK: - Normalizers

  private mutating func normalizer(_ json: JSON) -> Normalizer? {
    switch json["type"]?.string {
    case "BertNormalizer":
      let lowercases = flag(json, "lowercase", "BertNormalizer")
      var strips = lowercases
      if let value = json["strip_accents"], !value.isNull {
        strips = flag(json, "strip_accents", "BertNormalizer")
      }
      return .bert(
        BERTNormalizer(
          cleansText: flag(json, "clean_text", "BertNormalizer"),
          separatesIdeographs: flag(json, "handle_chinese_chars", "BertNormalizer"),
          stripsAccents: strips, lowercases: lowercases))
    case "Lowercase": return .lowercase
    case "NFC": return .form(.nfc)
    case "NFD": return .form(.nfd)
    case "NFKC": return .form(.nfkc)
    case "NFKD": return .form(.nfkd)
    case "StripAccents": return .stripAccents
    case "Strip":
      return .strip(
        left: flag(json, "strip_left", "Strip"), right: flag(json, "strip_right", "Strip"))
    case "Replace":
      guard let pattern = json["pattern"]?["String"]?.string, !pattern.isEmpty,
        let content = json["content"]?.string
      else {
        problems.append("normalizer Replace of anything but a string")
        return nil
      }
      return .replace(
        pattern: pattern.unicodeScalars.map(\.value), content: content.unicodeScalars.map(\.value))
    case "Sequence":
      let steps = json["normalizers"]?.array ?? []
      return .sequence(steps.compactMap { normalizer($0) })
    default: return unsupported("normalizer", json)
    }
  }

  // MARK: - Pre-tokenizers

  private mutating func preTokenizer(_ json: JSON) -> PreTokenizer? {
    switch json["type"]?.string {
    case "BertPreTokenizer": return .bert
    case "Whitespace": return .whitespace
    case "WhitespaceSplit": return .whitespaceSplit
    case "Punctuation":
      let behavior = json["behavior"]?.string ?? PreTokenizer.Delimiter.isolated.rawValue
      guard let delimiter = PreTokenizer.Delimiter(rawValue: behavior) else {
        problems.append("pre-tokenizer Punctuation with behavior \(behavior)")
        return nil
      }
      return .punctuation(delimiter)
    case "Sequence":
      let steps = json["pretokenizers"]?.array ?? []
      return .sequence(steps.compactMap { preTokenizer($0) })
    default: return unsupported("pre-tokenizer", json)
    }
  }

  // MARK: - Models

  private mutating func model(_ json: JSON) -> Model? {
    // Early files name no type; only WordPiece has both of these keys and no merges.
    let isUnnamedWordPiece =
      json["type"] == nil && json["max_input_chars_per_word"] != nil
      && json["continuing_subword_prefix"] != nil && json["merges"] == nil
    guard json["type"]?.string == "WordPiece" || isUnnamedWordPiece else {
      return unsupported("model", json)
    }
    var entries: [(token: [UInt8], id: Int)] = []
    for (token, id) in json["vocab"]?.members ?? [] {
      guard let id = id.integer, id >= 0, id <= Int(Int32.max) else {
        problems.append(
          "the vocabulary's id of \(String(decoding: token, as: UTF8.self)) is not a number")
        return nil
      }
      entries.append((token, id))
    }
    guard let vocabulary = Vocabulary(entries) else {
      problems.append("the vocabulary has more text than one can hold")
      return nil
    }
    let unknown = json["unk_token"]?.bytes ?? Array("[UNK]".utf8)
    guard let unknownID = vocabulary.id(of: unknown) else {
      problems.append(
        "unk_token \(String(decoding: unknown, as: UTF8.self)) is not in the vocabulary")
      return nil
    }
    return .wordPiece(
      WordPiece(
        vocabulary: vocabulary, unknown: unknownID,
        prefix: json["continuing_subword_prefix"]?.bytes ?? Array("##".utf8),
        longestWord: json["max_input_chars_per_word"]?.integer ?? 100))
  }

  // MARK: - Post-processors and decoders

  private mutating func postProcessor(_ json: JSON) -> PostProcessor? {
    switch json["type"]?.string {
    case "BertProcessing":
      guard let cls = json["cls"]?.array?.last?.integer, let sep = json["sep"]?.array?.last?.integer
      else {
        problems.append("post-processor BertProcessing without the ids of cls and sep")
        return nil
      }
      return .bert(cls: cls, sep: sep)
    case "TemplateProcessing":
      let specials = json["special_tokens"]
      return PostProcessor(
        single: template(json["single"], specials), pair: template(json["pair"], specials))
    default: return unsupported("post-processor", json)
    }
  }

  private mutating func template(_ json: JSON?, _ specials: JSON?) -> [PostProcessor.Piece] {
    var pieces: [PostProcessor.Piece] = []
    for piece in json?.array ?? [] {
      let sequence = piece["Sequence"]
      let special = piece["SpecialToken"]
      let typeID = (sequence ?? special)?["type_id"]?.integer ?? 0
      switch (sequence?["id"]?.string, special?["id"]?.string) {
      case ("A", nil): pieces.append(.first(typeID: typeID))
      case ("B", nil): pieces.append(.second(typeID: typeID))
      case (nil, let name?):
        if let ids = specials?[name]?["ids"]?.array?.compactMap(\.integer), !ids.isEmpty {
          pieces.append(.special(ids: ids, typeID: typeID))
        } else {
          problems.append("TemplateProcessing's special token \(name) has no ids")
        }
      default: problems.append("a piece of TemplateProcessing")
      }
    }
    return pieces
  }

  private mutating func decoder(_ json: JSON) -> Decoder? {
    guard json["type"]?.string == "WordPiece" else { return unsupported("decoder", json) }
    return .wordPiece(
      prefix: json["prefix"]?.bytes ?? Array("##".utf8), cleanup: json["cleanup"]?.bool ?? true)
  }

  // MARK: - Truncation and padding

  private func side(_ json: JSON) -> Side {
    json["direction"]?.string == "Left" ? .left : .right
  }

  private mutating func truncation(_ json: JSON) -> Truncation? {
    guard let length = json["max_length"]?.integer else {
      problems.append("truncation without max_length")
      return nil
    }
    let name = json["strategy"]?.string ?? Truncation.Strategy.longestFirst.rawValue
    guard let strategy = Truncation.Strategy(rawValue: name) else {
      problems.append("truncation with strategy \(name)")
      return nil
    }
    return Truncation(maxLength: length, strategy: strategy, side: side(json))
  }

  private mutating func padding(_ json: JSON) -> Padding? {
    let length: Padding.Length
    if json["strategy"]?.string == "BatchLongest" {
      length = .longest
    } else if let fixed = json["strategy"]?["Fixed"]?.integer {
      length = .fixed(fixed)
    } else {
      problems.append("padding with a strategy that is neither BatchLongest nor Fixed")
      return nil
    }
    return Padding(
      length: length, side: side(json), multiple: json["pad_to_multiple_of"]?.integer ?? 1,
      id: json["pad_id"]?.integer ?? 0, typeID: json["pad_type_id"]?.integer ?? 0)
  }
}
