/// Reads `tokenizer.json`, the format of the Hugging Face `tokenizers` library.
///
/// Each kind of part has a file of its own: NormalizerParts, PreTokenizerParts, ModelParts,
/// PostProcessorParts, DecoderParts.
struct TokenizerFile {
  /// Everything that is not understood, so that one error can list it all.
  var problems: [String] = []

  static let supported =
    "models BPE, Unigram, WordLevel, WordPiece; normalizers BertNormalizer, ByteLevel, Lowercase, "
    + "NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Sequence, Strip, StripAccents; "
    + "pre-tokenizers BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, "
    + "Metaspace, Punctuation, Sequence, Split, Whitespace, WhitespaceSplit; post-processors "
    + "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing; decoders "
    + "BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece"

  static func read(_ path: String) throws(TokenizerError) -> Tokenizer.Parts {
    let json = try JSON.read(path)
    guard json.members != nil else { throw TokenizerError("\(path): is not a JSON object.") }
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
    if let version = json["version"], !version.isNull, version.string != "1.0" {
      problems.append("version \(excerpt(version.string ?? "that is no text"))")
    }
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
      postProcessor: postProcessor ?? PostProcessor(), decoder: decoder ?? .spaces,
      addedTokens: addedTokens, truncation: truncation, padding: padding)
  }

  /// A part that is absent or null is nil; one that is not understood leaves a problem as well.
  private mutating func part<Part>(
    _ json: JSON?, _ read: (inout TokenizerFile, JSON) -> Part?
  ) -> Part? {
    guard let json, !json.isNull else { return nil }
    return read(&self, json)
  }

  mutating func unsupported<Part>(_ kind: String, _ json: JSON) -> Part? {
    problem("\(kind) \(json["type"]?.string.map(excerpt) ?? "without a type")")
  }

  /// Notes a problem where there is no part.
  mutating func problem<Part>(_ text: String) -> Part? {
    problems.append(text)
    return nil
  }

  mutating func flag(_ json: JSON, _ key: String, _ owner: String, else standard: Bool? = nil)
    -> Bool
  {
    if let value = json[key]?.bool { return value }
    if let standard, json[key]?.isNull ?? true { return standard }
    problems.append("\(owner)'s \(key) is not true or false")
    return false
  }

  /// What is looked for: `{"String": …}` or `{"Regex": …}`.
  mutating func pattern(_ json: JSON?, _ owner: String) -> Pattern? {
    if let text = json?["String"]?.bytes {
      return text.isEmpty ? problem("\(owner) of an empty text") : .text(text)
    }
    guard let text = json?["Regex"]?.string else {
      return problem("\(owner) of neither String nor Regex")
    }
    do { return try .regex(text) } catch {
      return problem("\(owner)'s expression \(excerpt(text)) (\(error.reason))")
    }
  }

  // MARK: - Truncation and padding

  private func side(_ json: JSON) -> Side {
    json["direction"]?.string == "Left" ? .left : .right
  }

  private mutating func truncation(_ json: JSON) -> Truncation? {
    guard let length = json["max_length"]?.id else {
      return problem("truncation without a max_length of 0 or more")
    }
    let name = json["strategy"]?.string ?? Truncation.Strategy.longestFirst.rawValue
    guard let strategy = Truncation.Strategy(rawValue: name) else {
      return problem("truncation with strategy \(excerpt(name))")
    }
    return Truncation(maxLength: length, strategy: strategy, side: side(json))
  }

  private mutating func padding(_ json: JSON) -> Padding? {
    let length: Padding.Length
    if json["strategy"]?.string == "BatchLongest" {
      length = .longest
    } else if let fixed = json["strategy"]?["Fixed"]?.id {
      length = .fixed(fixed)
    } else {
      return problem("padding with a strategy that is neither BatchLongest nor Fixed")
    }
    func number(_ key: String, else standard: Int) -> Int? {
      guard let value = json[key], !value.isNull else { return standard }
      return value.id ?? problem("padding with a \(key) that is no whole number from 0")
    }
    guard let multiple = number("pad_to_multiple_of", else: 1), let id = number("pad_id", else: 0),
      let typeID = number("pad_type_id", else: 0)
    else { return nil }
    return Padding(length: length, side: side(json), multiple: multiple, id: id, typeID: typeID)
  }
}
